// A few questions at a time, and fair to those who wait: each place on the network has a line of its own, and the lines
// take turns, so that whoever sends a flood waits behind it, and nobody else does.
import { MAX_INTROSPECTIONS_AT_ONCE, MAX_WAIT_MILLISECONDS, MAX_WAITING_TOKENS } from './limits.ts';
import { IntrospectionUnavailable } from './unavailable.ts';

interface Waiting {
  readonly begin: () => void;
  readonly giveUp: () => void;
}

/**
 * @returns runs `work` when its turn has come
 * @throws IntrospectionUnavailable when that does not happen in time, or too many wait already
 */
export function turns() {
  let running = 0;
  let waiting = 0;
  // By place; in the order of their turns.
  const lines = new Map<string, Waiting[]>();

  return async function inTurn<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
    if (running < MAX_INTROSPECTIONS_AT_ONCE) running += 1;
    else await turnOf(place);
    try {
      return await work();
    } finally {
      next();
    }
  };

  function turnOf(place: string): Promise<void> {
    if (waiting >= MAX_WAITING_TOKENS) makeRoom(place);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => leave(place, one), MAX_WAIT_MILLISECONDS);
      const one: Waiting = {
        begin() {
          clearTimeout(timer);
          resolve();
        },
        giveUp() {
          clearTimeout(timer);
          reject(tooMany());
        },
      };
      const line = lines.get(place) ?? [];
      line.push(one);
      lines.set(place, line);
      waiting += 1;
    });
  }

  /** The last of the longest line goes. @throws when nobody else's is longer than this one would be */
  function makeRoom(place: string): void {
    let longest = place;
    for (const [name, { length }] of lines) if (length > lengthOf(longest)) longest = name;
    const last = longest !== place && lengthOf(longest) > lengthOf(place) + 1 && lines.get(longest)?.at(-1);
    if (!last) throw tooMany();
    leave(longest, last);
  }

  function leave(place: string, one: Waiting): void {
    const line = lines.get(place) ?? [];
    line.splice(line.indexOf(one), 1);
    if (line.length === 0) lines.delete(place);
    waiting -= 1;
    one.giveUp();
  }

  function next(): void {
    const [first] = lines;
    if (first === undefined) {
      running -= 1;
      return;
    }
    const [place, line] = first;
    lines.delete(place);
    const one = line.shift();
    if (line.length > 0) lines.set(place, line);
    waiting -= 1;
    one?.begin();
  }

  function lengthOf(place: string): number {
    return lines.get(place)?.length ?? 0;
  }
}

function tooMany(): IntrospectionUnavailable {
  return new IntrospectionUnavailable(
    'Too many tokens that nobody has seen before wait to be asked about; somebody may be sending made-up ones.',
  );
}
