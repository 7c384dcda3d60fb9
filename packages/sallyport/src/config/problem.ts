// What is wrong with a configuration, in the words its writer needs: which key, where, why, and what to write instead.

/** Where a setting was written. */
export type Place =
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | {
      readonly kind: 'environment';
      readonly variable: string;
      /** The variable names the file in which it was written. */
      readonly isFile?: true;
    }
  | { readonly kind: 'nowhere' };

export interface Problem {
  /** The key as it is written in YAML with dots, for example `tokens.access.alg`; empty for the file as a whole. */
  readonly key: string;
  readonly place: Place;
  /** Continues the key: "is not a URL". Never repeats a value that may be secret. */
  readonly what: string;
  /** What to write or do, as a whole sentence. */
  readonly instead: string;
}

/** A step of a configuration path: a key of a map or an index of a list. */
export type Path = readonly (string | number)[];

/** Every problem of one configuration, reported together. */
export class ConfigInvalid extends Error {
  override readonly name = 'ConfigInvalid';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(printProblem).join('\n'));
    this.problems = problems;
  }
}

/** One line: `sallyport.yaml:3:1: publicUlr is not a known key. Did you mean publicUrl?` */
function printProblem(problem: Problem): string {
  const place = printPlace(problem.place);
  const subject = problem.key === '' ? '' : `${problem.key} `;
  return `${place === '' ? '' : `${place}: `}${subject}${problem.what}. ${problem.instead}`;
}

export function printPlace(place: Place): string {
  if (place.kind === 'file') return `${place.file}:${place.line}:${place.column}`;
  return place.kind === 'environment' ? place.variable : '';
}

/** `['servers', 0, 'name']` becomes `servers[0].name`. */
export function printPath(path: Path): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}
