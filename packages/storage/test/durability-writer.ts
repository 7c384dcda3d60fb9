// Writes as fast as it can and acknowledges on stdout, until it is killed. Started by durability.test.ts.

import { writeSync } from 'node:fs';
import { openStorage } from '@sallyport/storage';
import * as samples from './contract/samples.ts';

const [path = '', life = ''] = process.argv.slice(2);
const storage = await openStorage(`sqlite:${path}`);
const acknowledge = (line: string) => writeSync(1, `${line}\n`);

/** Each worker keeps one item after another, which share commits with those of the others. */
async function keepItems(worker: number): Promise<void> {
  for (let i = 0; ; i++) {
    const id = `${life}-${worker}-${i}`;
    await storage.addItem(samples.anItem({ id, content: id.repeat(20) }));
    acknowledge(`item ${id}`);
  }
}

/** Rotates one refresh token after another; only the last is fresh. */
async function rotateTokens(): Promise<void> {
  const grantId = `grant-${life}`;
  const code = samples.aCode({ digest: samples.digestOf(grantId), grantId });
  await storage.grantAuthorization({ grant: samples.aGrant({ id: grantId }), code, now: samples.now });
  const refreshToken = samples.aToken({ digest: samples.digestOf(`${life} 0`), grantId });
  await storage.redeemCode(samples.redeem({ digest: code.digest, refreshToken }));
  for (let i = 0; ; i++) {
    const answer = await storage.rotateRefreshToken(samples.rotate(`${life} ${i}`, `${life} ${i + 1}`));
    acknowledge(`${answer} ${life} ${i + 1}`);
  }
}

await Promise.all([rotateTokens(), ...[0, 1, 2, 3].map(keepItems)]);
