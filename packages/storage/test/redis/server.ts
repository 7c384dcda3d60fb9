// A place of a test's own in a shared Redis: no key of another test is seen or touched. Which server: TEST_REDIS_URL,
// else the local one.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { Redis } from 'ioredis';

const server = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** Whether there is one; where tests must be complete, its absence is a failure. */
const redisIsThere: boolean = await answers();

/** For `test` and `suite`. */
export const onRedis = {
  skip: redisIsThere ? false : 'there is no Redis here: set TEST_REDIS_URL to one',
};

/** @returns where to keep things, and a client that looks at them; both go when the test ends */
export async function ownPlace(
  t: Pick<TestContext, 'after'>,
): Promise<{ ephemeral: { url: string; deployment: string }; client: Redis }> {
  assert.ok(redisIsThere);
  const deployment = `test-${randomBytes(8).toString('hex')}`;
  const client = clientOf(server);
  await client.connect();
  t.after(async () => {
    for await (const keys of client.scanStream({ match: `sallyport:${deployment}:*` }))
      if ((keys as string[]).length > 0) await client.del(...(keys as string[]));
    client.disconnect();
  });
  return { ephemeral: { url: server, deployment }, client };
}

/** Tries once. */
function clientOf(url: string): Redis {
  const options = { lazyConnect: true, retryStrategy: null, connectTimeout: 5_000 };
  return new Redis(url, options).on('error', () => {});
}

async function answers(): Promise<boolean> {
  const client = clientOf(server);
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error;
    return false;
  } finally {
    client.disconnect();
  }
}
