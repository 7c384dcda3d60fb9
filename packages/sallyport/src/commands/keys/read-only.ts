// A secrets.json that cannot be changed where a command runs, such as a mounted Secret: what to do instead.

import type { Config } from '../../config/index.ts';
import { SecretsReadOnly } from '../../keys/change-secrets.ts';
import { Failure } from '../failure.ts';
import type { Io } from '../io.ts';

interface Changing {
  readonly io: Io;
  readonly config: Pick<Config, 'secretsFile'>;
  /** What stands after `keys`. */
  readonly command: string;
}

export async function explainingReadOnly<Result>(
  { io: { program }, config: { secretsFile }, command }: Changing,
  change: () => Promise<Result>,
): Promise<Result> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof SecretsReadOnly)) throw error;
    const after = command.startsWith('rotate') ? ' --after 3600' : '';
    throw new Failure(error.message, {
      means:
        'Nothing was changed. Change a copy, then give it to every instance in the way that they got this one.',
      next: [
        `cp ${secretsFile} secrets.json`,
        `SALLYPORT_SECRETS_FILE=secrets.json ${program} keys ${command}${after}`,
        ...(after === ''
          ? []
          : [
              'All instances must have the file before those seconds are over; they read it again by themselves.',
            ]),
      ],
    });
  }
}
