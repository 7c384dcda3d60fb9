// A provider that does everything that providers do: rotates and ends what is presented twice (RFC 9700 §4.14.2), is slow,
// fails, and drops answers after it has rotated. Its ledger is the judge of what was lost, and by whom.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What came of one sign-in. Its tokens are `<subject>.<sign-in>.<number>`; only the newest is honoured. */
interface Family {
  readonly subject: string;
  readonly signIn: number;
  newest: number;
  isRevoked: boolean;
  /** Requests that somebody waits for at this moment. */
  waitedFor: number;
  /** The rotation that brought the newest. */
  last?: { readonly by: string; isLost: boolean; isKept: boolean };
}

interface Presented {
  readonly family: Family;
  readonly presented: string;
  readonly by: string;
  readonly response: ServerResponse;
}

export interface ChaoticProvider {
  readonly endpoint: string;
  /** From now on it answers well, and at once. */
  calm(): void;
  /** Somebody signs in. @returns the first refresh token */
  signIn(subject: string): string;
  newestOf(subject: string): string;
  /** A process says that it keeps this token, or that it never heard the answer. */
  kept(by: string, refresh_token: string): void;
  unheard(by: string, presented: string): void;
  /** A process is about to be killed. */
  killed(by: string): void;
  /** Whether the newest rotation of the subject's sign-in was lost on its way. */
  isExcused(subject: string): boolean;
  /** What must not happen. */
  readonly violations: string[];
  readonly counts: Record<
    'rotated' | 'droppedAfter' | 'droppedBefore' | 'failed' | 'slow' | 'revoked',
    number
  >;
  /** Who asked. */
  readonly askers: Set<string>;
  close(): Promise<void>;
}

const lifetimeSeconds = 2;
/** Longer than the processes wait. */
const slowMilliseconds = 2_500;

export async function openChaoticProvider(): Promise<ChaoticProvider> {
  const families = new Map<string, Family>();
  const killed = new Set<string>();
  const violations: string[] = [];
  const askers = new Set<string>();
  const counts = { rotated: 0, droppedAfter: 0, droppedBefore: 0, failed: 0, slow: 0, revoked: 0 };
  let isCalm = false;

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = await request.toArray().catch(() => []);
    const form = new URLSearchParams(Buffer.concat(parts).toString());
    const presented = form.get('refresh_token') ?? '';
    const by = form.get('client_id') ?? '';
    const family = familyOf(presented);
    if (family === undefined) return refuse(response);
    askers.add(by);
    family.waitedFor += 1;
    // Whoever hung up, or was killed, does not wait any more.
    response.once('close', () => (family.waitedFor -= 1));
    if (family.waitedFor > 1)
      violations.push(`${presented} is refreshed by two at once, the second is ${by}`);
    const luck = isCalm ? 1 : Math.random();
    await wait(Math.random() * 80);
    if (luck < 0.02) {
      // So slow that nobody waits: and what nobody waits for is not done.
      counts.slow += 1;
      await wait(slowMilliseconds);
      if (response.destroyed) return;
    }
    if (luck >= 0.02 && luck < 0.08) {
      counts.droppedBefore += 1;
      return void response.destroy();
    }
    if (luck >= 0.08 && luck < 0.2) {
      counts.failed += 1;
      return fail(response, luck);
    }
    await rotate({ family, presented, by, response }, luck);
  }

  async function rotate({ family, presented, by, response }: Presented, luck: number): Promise<void> {
    if (family.isRevoked || presented !== tokenOf(family)) {
      if (!family.isRevoked) {
        counts.revoked += 1;
        family.isRevoked = true;
        if (!isLost(family)) violations.push(`${presented} was presented by ${by} after ${tokenOf(family)}`);
      }
      return refuse(response);
    }
    family.newest += 1;
    counts.rotated += 1;
    const refresh_token = tokenOf(family);
    const body = {
      access_token: `access.${refresh_token}`,
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
      refresh_token,
    };
    const drops = luck >= 0.2 && luck < 0.26;
    const isLate = luck >= 0.26 && luck < 0.28;
    const last = { by, isLost: drops || isLate || response.destroyed, isKept: false };
    family.last = last;
    if (drops || isLate) counts.droppedAfter += 1;
    if (drops) return void response.destroy();
    if (isLate) await wait(slowMilliseconds);
    response.once('close', () => {
      if (!response.writableFinished) last.isLost = true;
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  const tokenOf = ({ subject, signIn, newest }: Family) => `${subject}.${signIn}.${newest}`;
  const isLost = ({ last }: Family) =>
    last !== undefined && !last.isKept && (last.isLost || killed.has(last.by));

  function familyOf(token: string): Family | undefined {
    const [subject = '', signIn] = token.split('.');
    const family = families.get(subject);
    return String(family?.signIn) === signIn ? family : undefined;
  }

  function familyAt(subject: string): Family {
    const family = families.get(subject);
    if (family === undefined) throw new Error(`nobody has signed in as ${subject}`);
    return family;
  }

  return {
    endpoint: `http://127.0.0.1:${port}/token`,
    calm: () => void (isCalm = true),
    signIn(subject) {
      const signIn = (families.get(subject)?.signIn ?? 0) + 1;
      const family = { subject, signIn, newest: 1, isRevoked: false, waitedFor: 0 };
      families.set(subject, family);
      return tokenOf(family);
    },
    newestOf: (subject) => tokenOf(familyAt(subject)),
    kept(by, token) {
      const family = familyOf(token);
      if (family?.last?.by === by && tokenOf(family) === token) family.last.isKept = true;
    },
    unheard(by, presented) {
      const family = familyOf(presented);
      const isNext = presented.split('.')[2] === String((family?.newest ?? 0) - 1);
      if (family?.last?.by === by && isNext) family.last.isLost = true;
    },
    killed: (by) => void killed.add(by),
    isExcused: (subject) => isLost(familyAt(subject)),
    violations,
    counts,
    askers,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function refuse(response: ServerResponse): void {
  response
    .writeHead(400, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: 'invalid_grant', error_description: 'unknown, expired or used' }));
}

function fail(response: ServerResponse, luck: number): void {
  if (luck < 0.14) return void response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Oops</h1>');
  if (luck < 0.17) return void response.writeHead(429, { 'retry-after': '1' }).end();
  // It has judged nothing, whatever it says.
  response.writeHead(503, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
}
