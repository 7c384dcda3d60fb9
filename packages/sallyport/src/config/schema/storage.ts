// Where what must be remembered is, and its keys.

import { readRedisUrl } from '@sallyport/storage';
import { z } from 'zod';
import { judgeFile, text, wholeNumber } from '../judged-text.ts';
import { bounds, defaults } from '../limits.ts';
import type { Judgement } from '../public-url.ts';

export const data = text((value) =>
  value === '' ? { what: 'is empty', instead: 'Write: data: ./data' } : undefined,
)
  .optional()
  .meta({
    description: 'Folder for the database and secrets.json; relative to this file. Default: ./data.',
    examples: ['./data'],
  });

export const secretsFile = text(judgeFile)
  .optional()
  .meta({
    description:
      'The keys of this deployment; relative to this file. Several machines share one, which may be read-only. Default: secrets.json in `data`.',
    examples: ['/run/secrets/sallyport/secrets.json'],
  });

export const storage = z
  .strictObject({
    url: text(judgeStorageUrl)
      .optional()
      .meta({
        description:
          'Where everything is kept: a SQLite file, relative to `data`, or a PostgreSQL database. Default: sqlite:sallyport.db.',
        examples: [
          'sqlite:sallyport.db',
          'postgres://sallyport:${DATABASE_PASSWORD}@db.example.com/sallyport',
        ],
      }),
    poolSize: wholeNumber(bounds.poolSize)
      .optional()
      .meta({
        description: `Connections to PostgreSQL that this instance uses at most, besides one that listens. Default: ${defaults.poolSize}.`,
        examples: [defaults.poolSize],
      }),
    ephemeral: text(judgeEphemeralUrl)
      .optional()
      .meta({
        description:
          'A Redis (redis:// or rediss://) for what is short-lived: authorizations that wait for the browser, and codes. Default: none; they are kept with everything else.',
        examples: ['redis://localhost:6379'],
      }),
  })
  .optional();

function judgeStorageUrl(value: string): Judgement | undefined {
  if (/^sqlite:./.test(value) && !/\p{Cc}/u.test(value)) return undefined;
  // What it says is judged when it is opened, with sentences that do not repeat it.
  if (/^postgres(?:ql)?:\/\/./.test(value) && !/\p{Cc}/u.test(value)) return undefined;
  return {
    what: 'is not a storage that this version knows',
    instead:
      'Write: url: sqlite:sallyport.db (a file in the data folder), or postgres://user:password@host:5432/database.',
  };
}

function judgeEphemeralUrl(value: string): Judgement | undefined {
  if (readRedisUrl(value) !== undefined) return undefined;
  return {
    what: 'is not the URL of a Redis',
    instead:
      'Write: ephemeral: redis://localhost:6379, or rediss:// for TLS; user, password and the number of a database may be given: redis://user:password@host:6379/0. Nothing behind a question mark.',
  };
}
