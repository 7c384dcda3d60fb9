// How a room says no: one closed table of reasons, three audiences (the wire, the reader of a page, the log).

/** One reason to refuse, as the stranger sees it. */
export interface RefusalRow {
  /** The registered error code that goes on the wire, for example `invalid_grant` (RFC 6749 §5.2). */
  readonly error: string;
  /** HTTP status of a direct answer. */
  readonly status: number;
  /** One public sentence: what happened and what to do. Never a fact about this deployment or person. */
  readonly sentence: string;
  /** What happened in a few words: the heading, where a page shows the refusal. */
  readonly title?: string;
}

/** What only the log may know. Values must never be secrets. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/** Thrown inside a room; caught only at its door. */
export class Refusal<Reason extends string = string> extends Error {
  override readonly name = 'Refusal';
  readonly reason: Reason;
  readonly row: RefusalRow;
  readonly facts: Facts;

  constructor(reason: Reason, row: RefusalRow, facts: Facts = {}) {
    super(row.sentence);
    this.reason = reason;
    this.row = row;
    this.facts = facts;
  }
}

/** Narrows what was caught, without the `any` that `instanceof` makes of the parameter. */
export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Refusal;
}

/**
 * Turns a room's table into its `refuse` function.
 * @returns `refuse(reason, facts)`, which makes (does not throw) the `Refusal`
 */
export function refusalsOf<const Rows extends Record<string, RefusalRow>>(
  rows: Rows,
): (reason: keyof Rows & string, facts?: Facts) => Refusal<keyof Rows & string> {
  return (reason, facts) => {
    const row = rows[reason];
    if (row === undefined) throw new TypeError(`no such refusal: ${reason}`);
    return new Refusal(reason, row, facts);
  };
}
