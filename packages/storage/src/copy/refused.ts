// Why a file is not restored, or a place does not take it. `message` says what is wrong, `next` what to do.

export class CopyRefused extends Error {
  override readonly name = 'CopyRefused';
  readonly next: string;

  constructor(message: string, next: string, options?: ErrorOptions) {
    super(message, options);
    this.next = next;
  }
}

export function cutOff(where: string): CopyRefused {
  return new CopyRefused(
    `The backup ends too early, ${where}: it was cut off, and nothing was restored.`,
    'Copy the file again, or take an older one.',
  );
}

export function altered(what: string, cause?: unknown): CopyRefused {
  return new CopyRefused(
    `The backup is not as it was written: ${what}. Nothing was restored.`,
    'Copy the file again, or take an older one.',
    { cause },
  );
}

/** A row that its table does not take: twice the same, or of a person who is not there. */
export function unfitting(table: string, cause: unknown): CopyRefused {
  return altered(`the rows of the table ${table} are others`, cause);
}

export function foreign(): CopyRefused {
  return new CopyRefused(
    'This is not a backup of Sallyport. Nothing was restored.',
    'Name a file that `sallyport backup` or `sallyport export` has written.',
  );
}
