// How fast codes are redeemed, refresh tokens rotated, and a provider's tokens kept, handed out and refreshed (by a provider
// that answers at once), alone and in company:
//   node bench/storage.ts [folder]         on SQLite, on the disk of that folder
//   node bench/storage.ts postgres://…     in a schema that is empty, which is left with what was written
// Each answer is durable. CPU is this process's own; a database server's is beside it.

import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '@sallyport/storage';
import type { RefreshToken, Storage } from '@sallyport/storage';
import { sealingUnder, vault } from '@sallyport/vault';

const now = 1_800_000_000;
const grantExpiresAt = now + 30 * 24 * 3600;
const resource = 'https://mcp.example.com/mcp';
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

const where = process.argv[2] ?? tmpdir();
const isServer = where.startsWith('postgres');
const folder = mkdtempSync(join(isServer ? tmpdir() : where, 'sallyport-bench-'));
const storage = await openStorage(isServer ? where : 'sqlite:bench.db', { baseDirectory: folder });
const calls = isServer ? 4_000 : 20_000;
const key = { id: 'key', key: createSecretKey(randomBytes(32)) };
const kept = vault({
  storage,
  sealing: sealingUnder({ current: key, known: [key], find: async () => key }),
  log: () => {},
  refreshers: { p: { refresh: async (_token, at) => answerAt(at) } },
});
try {
  await addPersonAndClient(storage);
  console.log('in flight   what                 per second   CPU µs each');
  for (const [inFlight, n] of [
    [1, calls / 4],
    [8, calls],
    [32, calls],
    [128, calls],
  ] as const) {
    const name = `${inFlight}`;
    await inCompany(128, n, (i) => grant(storage, `${name}/${i}`));
    await measure('code redeemed', inFlight, n, (i) => redeem(storage, `${name}/${i}`));
    await measure('refresh token rotated', inFlight, n, (i) => rotate(storage, `${name}/${i}`));
    await measure('refresh token found', inFlight, n, (i) => find(storage, `${name}/${i}`));
    await measure('vault: kept', inFlight, n, (i) => keep(`${name}/${i}`));
    await measure('vault: handed out', inFlight, n, (i) => handOut(`${name}/${i}`, now));
    await measure('vault: refreshed', inFlight, n / 4, (i) => handOut(`${name}/${i}`, now + 3600));
  }
} finally {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(
  what: string,
  inFlight: number,
  n: number,
  call: (i: number) => Promise<void>,
): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await inCompany(inFlight, n, call);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const columns = [
    String(inFlight).padStart(9),
    `  ${what.padEnd(21)}`,
    String(Math.round(n / seconds)).padStart(10),
    ((user + system) / n).toFixed(1).padStart(13),
  ];
  console.log(columns.join(' '));
}

/** n calls, of which so many are under way at any time. */
async function inCompany(inFlight: number, n: number, call: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < n) await call(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

async function addPersonAndClient(store: Storage): Promise<void> {
  const created = { createdAt: now, updatedAt: now };
  await store.addUser({ id: 'u', email: 'one@example.com', name: 'One', role: 'member', ...created });
  const metadata = {
    redirect_uris: ['https://client.example.com/callback'],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  };
  await store.addClient({ client_id: 'c', metadata, registeredBy: 'operator', createdAt: now, traceId: 't' });
}

async function grant(store: Storage, id: string): Promise<void> {
  const times = { createdAt: now, expiresAt: now + 600 };
  const code = { digest: digestOf(`code ${id}`), grantId: id, code_challenge: digestOf(id), ...times };
  await store.grantAuthorization({
    grant: { id, userId: 'u', clientId: 'c', resource, scope: ['records:read'], traceId: id, ...times },
    code: { ...code, redirect_uri: 'https://client.example.com/callback' },
    now,
  });
}

function token(text: string, grantId: string): RefreshToken {
  return { digest: digestOf(text), grantId, keyId: 'k', createdAt: now, expiresAt: grantExpiresAt };
}

async function redeem(store: Storage, id: string): Promise<void> {
  const digest = digestOf(`code ${id}`);
  const answer = await store.redeemCode({ digest, refreshToken: token(`1 ${id}`, id), grantExpiresAt, now });
  if (answer !== 'redeemed') throw new Error(answer);
}

async function rotate(store: Storage, id: string): Promise<void> {
  const successor = token(`2 ${id}`, id);
  const digest = digestOf(`1 ${id}`);
  const asked = `records:read ${resource}`;
  const answer = await store.rotateRefreshToken({
    digest,
    successor,
    asked,
    graceSeconds: 300,
    grantExpiresAt,
    now,
  });
  if (answer !== 'rotated') throw new Error(answer);
}

/** As long as those of a provider that signs its access tokens. */
function answerAt(at: number) {
  const access_token = randomBytes(750).toString('base64url');
  const refresh_token = randomBytes(64).toString('base64url');
  return { access_token, token_type: 'Bearer', refresh_token, expiresAt: at + 3600, rest: {} };
}

async function keep(subject: string): Promise<void> {
  await kept.keep({ userId: 'u', provider: 'p', subject, tokens: answerAt(now), now });
}

async function handOut(subject: string, at: number): Promise<void> {
  const { outcome } = await kept.accessToken({ userId: 'u', provider: 'p', subject }, at);
  if (outcome !== 'token') throw new Error(outcome);
}

async function find(store: Storage, id: string): Promise<void> {
  if ((await store.findRefreshToken(digestOf(`2 ${id}`))) === undefined) throw new Error('not found');
}
