// How a step is played: announced, carried out over the wire, and judged against what it should do.

import { shortenText } from './shorten.ts';
import { openWire } from './wire.ts';
import type { Exchange, Send } from './wire.ts';

/** One thing that a client does. The story hands each step what the steps before it found out. */
export interface Step<Given, Found> {
  readonly headline: string;
  /** Why it is so, and where that is written. */
  readonly means: string;
  play(scene: Scene, given: Given): Promise<Found>;
}

/** What a step can do: ask the server, and say what must be true of the answer. */
export interface Scene {
  readonly send: Send;
  /** Byte for byte. */
  equal(what: string, came: unknown, expected: string | number | boolean): void;
  /** @param came what there is instead; shown only when it does not hold */
  holds(what: string, isSo: boolean, expected: string, came: unknown): void;
  /** To be thrown, where something stands in the way of going on. */
  failure(what: string, expected: string, came: unknown): StepFailed;
  /** @returns the value, a text that is not empty */
  present(what: string, value: unknown): string;
}

/** Hears the play as it goes on; every text it is given may be shown. */
export interface Narrator {
  step(number: number, step: { readonly headline: string; readonly means: string }): void;
  exchange(exchange: Exchange): void;
  checked(what: string): void;
}

/** A step did not do what it should. Its texts hold no secret. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  readonly step: number;
  readonly headline: string;
  readonly what: string;
  readonly expected: string;
  readonly came: string;

  constructor(at: { step: number; headline: string }, what: string, expected: string, came: string) {
    super(`step ${at.step} (${at.headline}): ${what}`);
    this.step = at.step;
    this.headline = at.headline;
    this.what = what;
    this.expected = shortenText(expected);
    this.came = shortenText(came);
  }
}

export type Play = <Given, Found>(step: Step<Given, Found>, given: Given) => Promise<Found>;

/**
 * @param stopped when it aborts, the step that is being played throws its reason
 * @returns a function that plays one step; it throws `StepFailed`
 */
export function openPlay(narrator: Narrator, stopped: AbortSignal): Play {
  const wire = openWire((exchange) => narrator.exchange(exchange), stopped);
  let number = 0;

  return async (step, given) => {
    number += 1;
    const at = { step: number, headline: step.headline };
    narrator.step(number, step);
    return step.play(sceneOf(at), given);
  };

  function sceneOf(at: { step: number; headline: string }): Scene {
    const failure: Scene['failure'] = (what, expected, came) =>
      new StepFailed(at, what, expected, textOf(came));
    const holds: Scene['holds'] = (what, isSo, expected, came) => {
      if (!isSo) throw failure(what, expected, came);
      narrator.checked(what);
    };
    return {
      holds,
      failure,
      async send(ask) {
        try {
          return await wire(ask);
        } catch (error) {
          stopped.throwIfAborted();
          throw failure(`${new URL(ask.url).pathname} answers`, 'an HTTP answer', causeOf(error));
        }
      },
      equal: (what, came, expected) => holds(what, came === expected, String(expected), came),
      present(what, value) {
        holds(what, typeof value === 'string' && value !== '', 'a value', value);
        return value as string;
      },
    };
  }
}

function textOf(came: unknown): string {
  if (came === undefined || came === '') return 'nothing';
  return typeof came === 'string' ? came : JSON.stringify(came);
}

/** `fetch` says only that it failed; its cause says why. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.cause.name : error.message;
}
