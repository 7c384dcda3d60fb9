// The list while the server runs: the shipped one, until a file that the operator trusts has a later one. Read again when
// the file was changed; a file that cannot be believed changes nothing.

import { readFile, stat } from 'node:fs/promises';
import type { Recognize } from '@sallyport/authorization-server';
import type { Log } from '@sallyport/protocol';
import { recognizer, shippedList } from './index.ts';
import type { KnownClientList } from './index.ts';
import { limits } from './limits.ts';
import { issuedAtOf, ListRefused, readSignedList } from './signed.ts';

/** Which file, and whose signature; absent: the shipped list is all there is. */
export interface KnownClientsFile {
  /** Absolute path. */
  readonly file: string;
  readonly publicKey: string;
}

export interface ListInUse {
  readonly list: KnownClientList;
  /** The file it is from; absent: this version's own. */
  readonly file?: string;
}

export interface LiveKnownClients {
  readonly recognize: Recognize;
  /** What stands at the address of a known client's document, as far as the list knows; not of addresses with a `*`. */
  readonly documentOf: (client_id: string) => object | undefined;
  /** What makes a client of the list ask the person to sign in, by its id there. */
  readonly challengeFormsOf: (id: string) => readonly string[];
  inUse(): ListInUse;
  /** Looks at the file now. Never rejects. */
  look(): Promise<void>;
  close(): void;
}

interface Surroundings {
  readonly log: Log;
  /** Epoch seconds. */
  readonly now: () => number;
}

/** @returns when the file has been looked at once */
export async function openKnownClients(
  config: KnownClientsFile | undefined,
  { log, now }: Surroundings,
): Promise<LiveKnownClients> {
  let inUse: ListInUse = { list: shippedList };
  let recognize = recognizer(shippedList);
  let seen: string | undefined;
  const live = {
    recognize: ((client, redirect_uri) => recognize(client, redirect_uri)) as Recognize,
    documentOf: (client_id: string) => documentIn(inUse.list, client_id),
    challengeFormsOf: (id: string) => challengeFormsIn(inUse.list, id),
    inUse: () => inUse,
    look: config === undefined ? async () => {} : () => lookAt(config),
  };
  await live.look();
  const timer =
    config === undefined ? undefined : setInterval(() => void live.look(), limits.lookMilliseconds).unref();
  return { ...live, close: () => clearInterval(timer) };

  async function lookAt(from: KnownClientsFile): Promise<void> {
    const { file } = from;
    // Taken before the file is read: what is written in between is noticed at the next look.
    const mark = await markOf(file);
    if (mark === seen) return;
    seen = mark;
    try {
      const list = await readListFile(from, now());
      if (issuedAtOf(list) < issuedAtOf(inUse.list)) throw olderThan(inUse.list, list);
      inUse = { list, file };
      recognize = recognizer(list);
      const { issuedAt, clients } = list;
      log('info', 'known_clients_read', { path: file, issuedAt, clients: clients.length });
    } catch (error) {
      if (!(error instanceof ListRefused)) throw error;
      const { message, instead } = error;
      const { issuedAt } = inUse.list;
      log('error', 'known_clients_refused', {
        path: file,
        message,
        next: `${instead} The list of ${issuedAt} stays in use.`,
      });
    }
  }
}

function documentIn({ clients }: KnownClientList, client_id: string): object | undefined {
  const document = clients.flatMap(({ documents = [] }) => documents).find(({ url }) => url === client_id);
  return document?.content ?? undefined;
}

function challengeFormsIn({ clients }: KnownClientList, id: string): readonly string[] {
  return clients.find((row) => row.id === id)?.challenges.map(({ form }) => form) ?? [];
}

/** @throws ListRefused */
export async function readListFile(
  { file, publicKey }: KnownClientsFile,
  now: number,
): Promise<KnownClientList> {
  return readSignedList(await readCapped(file), publicKey, now);
}

/** @throws ListRefused */
export async function readCapped(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > limits.fileBytes)
      throw new ListRefused('is larger than a list may be', 'Check that it is the right file.');
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof ListRefused) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new ListRefused(
      code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? 'unknown error'})`,
      'Check the path, and that this user may read it.',
    );
  }
}

export function olderThan(
  { issuedAt: ours }: KnownClientList,
  { issuedAt: theirs }: KnownClientList,
): ListRefused {
  return new ListRefused(
    `is of ${theirs}, older than the list in use, which is of ${ours}`,
    'An older list never takes the place of a newer one: sign it anew with a later date.',
  );
}

/** Changes whenever the file does, or another one takes its place. */
async function markOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'gone';
  }
}
