// Waiting for the end: Ctrl-C, or the signal of whoever started us.

/** `npm start` passes on a Ctrl-C that the terminal has sent to us as well: two signals, one key. */
const sameKeyMilliseconds = 250;

export interface Stop {
  /** Resolves at the first signal. */
  readonly asked: Promise<NodeJS.Signals>;
  /** Takes the handlers away again. */
  release(): void;
}

/** A second Ctrl-C ends the process at once, with the exit code that shells use for it. */
export function stopSignal(): Stop {
  let firstAt: number | undefined;
  let resolve: (signal: NodeJS.Signals) => void = () => undefined;
  const asked = new Promise<NodeJS.Signals>((settle) => {
    resolve = settle;
  });
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      resolve(signal);
    } else if (now - firstAt > sameKeyMilliseconds) {
      process.exit(signal === 'SIGINT' ? 130 : 143);
    }
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    asked,
    release: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
}
