// Stores to copy from and to, of every backend that is there, and what a test asks of them.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { copyIn, copyOut, openStorage } from '@sallyport/storage';
import type { Copied, CopyInOptions, CopyOutOptions } from '@sallyport/storage';
import { openSource, openTarget } from '../../src/copy/places.ts';
import { printRow } from '../../src/copy/rows.ts';
import { tablesOf } from '../../src/copy/schema.ts';
import { newestVersion } from '../../src/migrations/index.ts';
import type { Value } from '../../src/script.ts';
import * as samples from '../contract/samples.ts';
import { temporaryFolder } from '../folder.ts';
import { freshSchema, onPostgres } from '../postgres/schema.ts';
import type { Rows } from './random-store.ts';

/** The URL of a store that is not there yet. */
export type NewUrl = () => Promise<string>;

export const pathOf = (url: string): string => url.replace('sqlite:', '');

export interface Backend {
  readonly name: 'sqlite' | 'postgres';
  readonly urls: (t: TestContext) => NewUrl;
  readonly skip: boolean | string;
}

export function sqliteUrls(t: TestContext): NewUrl {
  const folder = temporaryFolder(t);
  return async () => `sqlite:${join(folder, `${randomUUID()}.db`)}`;
}

export const backends: readonly Backend[] = [
  { name: 'sqlite', urls: sqliteUrls, skip: false },
  { name: 'postgres', urls: (t) => async () => (await freshSchema(t)).url, ...onPostgres },
];

/** From each to each. */
export const directions = backends.flatMap((from) =>
  backends.map((to) => ({ from, to, name: `${from.name} to ${to.name}`, skip: from.skip || to.skip })),
);

/** A store that the contract has filled, with a row in every table. */
export async function livedIn(newUrl: NewUrl): Promise<string> {
  const url = await newUrl();
  const storage = await openStorage(url);
  await samples.withRefreshToken(storage);
  await storage.rotateRefreshToken(samples.rotate('token-1', 'token-2'));
  await storage.keepSession(samples.aSession());
  await storage.linkIdentity({ identity: samples.anIdentity() });
  await storage.addSigningKey({ key: samples.aKey(), after: undefined });
  await storage.keepPausedAuthorization(samples.aPaused());
  await storage.keepUpstreamSignIn(samples.anUpstreamSignIn());
  const vouch = { name: 'ci', digest: samples.digestOf('ci'), createdAt: samples.now, uses: 0 };
  await storage.addInitialAccessToken(vouch);
  for (const name of ['first', 'second'])
    await storage.replaceClientSecret({
      client_id: 'client-1',
      secretDigest: samples.digestOf(name),
      formerUntil: samples.now + 60,
    });
  await storage.addTag(samples.aTag());
  await storage.addItem(samples.anItem({ content: 'a\0b' }), ['tag-1']);
  await storage.addRecordsClient(samples.aRecordsClient(), ['tag-1']);
  await storage.keepLoginEvents([samples.aLoginEvent()]);
  const { now } = samples;
  await storage.claim({ kind: 'client_assertion', id: 'jti', expiresAt: now + 600, now });
  await storage.keepVaultEntry({ ...samples.aVaultEntry(), now });
  await storage.keepOutboundRegistration({ registration: samples.anOutboundRegistration() });
  await storage.keepVaultEntry({ ...samples.aVaultEntry({ id: 'forgotten', subject: 'gone' }), now });
  await storage.removeVaultEntry('forgotten');
  const token = samples.aPersonalAccessToken();
  const personal = { token, digest: samples.digestOf('personal'), maxOfPerson: 9, traceId: 'trace-1' };
  await storage.addPersonalAccessToken(personal);
  const consent = samples.aConsent();
  const grant = samples.aGrant({ id: 'grant-2' });
  const code = samples.aCode({ grantId: 'grant-2', digest: samples.digestOf('code-2') });
  await storage.grantAuthorization({ grant, code, consent, now: samples.now });
  await storage.redeemCode(
    samples.redeem({
      digest: code.digest,
      refreshToken: samples.aToken({ grantId: 'grant-2', digest: samples.digestOf('t2') }),
      accessToken: samples.anAccessToken({ grantId: 'grant-2' }),
    }),
  );
  await storage.close();
  return url;
}

/** A store of a schema's version with these rows in it. */
export async function fill(url: string, version: number, rows: Rows): Promise<void> {
  const target = await openTarget(url);
  try {
    await target.begin(version);
    for (const table of tablesOf(version)) {
      const all = rows.get(table.name) ?? [];
      for (let at = 0; at < all.length; at += 1000) await target.insert(table, all.slice(at, at + 1000));
    }
    await target.commit();
  } finally {
    await target.close();
  }
}

/** A store of today's schema with these rows, by the names of their columns. */
export function fillWith(
  url: string,
  given: Readonly<Record<string, readonly Readonly<Record<string, Value>>[]>>,
): Promise<void> {
  const rows = tablesOf(newestVersion).map(
    ({ name, columns }) =>
      [name, (given[name] ?? []).map((row) => columns.map((column) => row[column.name] ?? null))] as const,
  );
  return fill(url, newestVersion, new Map(rows));
}

/** Every row as a line, sorted, by table. */
export async function contentOf(url: string): Promise<Record<string, readonly string[]>> {
  const source = await openSource(url);
  try {
    const content: Record<string, string[]> = {};
    for (const table of tablesOf(source.version)) {
      const lines: string[] = [];
      for await (const some of source.rows(table)) lines.push(...some.map((row) => printRow(row, table)));
      content[table.name] = lines.sort();
    }
    return content;
  } finally {
    await source.close();
  }
}

export async function copiedOut(
  url: string,
  options: Partial<CopyOutOptions> = {},
): Promise<{ file: Buffer; copied: Copied }> {
  const stream = new PassThrough();
  const file = buffer(stream);
  file.catch(() => undefined);
  const copied = await copyOut(url, stream, { program: '1.2.3', now: 1_800_000_000, ...options });
  return { file: await file, copied };
}

export function copiedIn(
  url: string,
  file: Uint8Array | Readable,
  options: Partial<CopyInOptions> = {},
): Promise<Copied> {
  const stream = file instanceof Readable ? file : Readable.from([file]);
  return copyIn(url, stream, {
    judgeSecrets: async () => undefined,
    placeSecrets: async () => undefined,
    ...options,
  });
}

/** A destination that fails after so many bytes. */
export function failingAfter(bytes: number, error: Error): Writable {
  let left = bytes;
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      done(left < 0 ? error : undefined);
    },
  });
}
