// A store that a copy is put into has everything that the copy has, from each backend to each; or nothing at all.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { openStorage } from '@sallyport/storage';
import { migrations, newestVersion } from '../../src/migrations/index.ts';
import * as samples from '../contract/samples.ts';
import { anyRows } from './random-store.ts';
import { contentOf, copiedIn, copiedOut, directions, fill, livedIn, pathOf } from './stores.ts';

const { now } = samples;

for (const { name, from: source, to: destination, skip } of directions) {
  suite(`a store that a copy is put into, ${name},`, { skip }, () => {
    const isLocal = source.name === 'sqlite' && destination.name === 'sqlite';
    // Making a schema takes PostgreSQL a while.
    const versions = migrations.map(({ version }) => version).slice(0, -1);
    const earlier = isLocal ? versions : [versions[0]!, versions.at(-1)!];
    const urls = (t: TestContext) => ({ newFrom: source.urls(t), newTo: destination.urls(t) });

    test('has every row, byte for byte, and works', async (t) => {
      const { newFrom, newTo } = urls(t);
      const [from, to] = [await livedIn(newFrom), await newTo()];
      const { file, copied } = await copiedOut(from);
      const put = await copiedIn(to, file);
      assert.deepEqual(put, copied);
      assert.deepEqual(await contentOf(to), await contentOf(from));
      if (destination.name === 'sqlite') assert.equal(statSync(pathOf(to)).mode & 0o777, 0o600);
      const storage = await openStorage(to);
      t.after(() => storage.close());
      assert.equal((await storage.findItem('item-1'))?.content, 'a\0b');
      assert.deepEqual(await storage.listSigningKeys(), [samples.aKey()]);
      assert.equal(
        await storage.rotateRefreshToken(samples.rotate('token-2', 'token-3', { now: now + 2 })),
        'rotated',
      );
    });

    test('of an older schema is brought up to date', async (t) => {
      const { newFrom, newTo } = urls(t);
      for (const version of earlier) {
        const [from, to] = [await newFrom(), await newTo()];
        const [rows] = fc.sample(anyRows(version), { numRuns: 1, seed: 7 });
        await fill(from, version, rows!);
        await copiedIn(to, (await copiedOut(from)).file);
        // As an upgrade in place does.
        await (await openStorage(from)).close();
        assert.deepEqual(await contentOf(to), await contentOf(from));
      }
    });

    test('that was made for today, and is empty, takes the copy of an older schema', async (t) => {
      const { newFrom, newTo } = urls(t);
      const [from, to] = [await newFrom(), await newTo()];
      const [rows] = fc.sample(anyRows(1), { numRuns: 1, seed: 11 });
      await fill(from, 1, rows!);
      await (await openStorage(to)).close();
      await copiedIn(to, (await copiedOut(from)).file);
      await (await openStorage(from)).close();
      assert.deepEqual(await contentOf(to), await contentOf(from));
    });

    test('holds what was copied, whatever it was', async (t) => {
      const { newFrom, newTo } = urls(t);
      await fc.assert(
        fc.asyncProperty(anyRows(), async (rows) => {
          const [from, to] = [await newFrom(), await newTo()];
          await fill(from, newestVersion, rows);
          const first = await copiedOut(from);
          await copiedIn(to, first.file);
          assert.deepEqual(await contentOf(to), await contentOf(from));
          const second = await copiedOut(to);
          assert.deepEqual(second.copied.tables, first.copied.tables);
        }),
        { numRuns: isLocal ? 8 : 3 },
      );
    });

    test('that a server has started once, and nobody has used, takes it in place of its own key', async (t) => {
      const { newFrom, newTo } = urls(t);
      const [from, to] = [await livedIn(newFrom), await newTo()];
      const started = await openStorage(to);
      await started.addSigningKey({ key: samples.aKey({ kid: 'made-at-start' }), after: undefined });
      const { file } = await copiedOut(from);
      await copiedIn(to, file);
      assert.deepEqual(await contentOf(to), await contentOf(from));
      assert.deepEqual(await started.listUsers(), [samples.aUser()]);
      await started.close();
    });

    test('that is not empty is left alone, and what is in it is said', async (t) => {
      const { newFrom, newTo } = urls(t);
      const [from, to] = [await livedIn(newFrom), await newTo()];
      const other = await openStorage(to);
      await other.addUser(samples.aUser({ id: 'other' }));
      await other.close();
      const before = await contentOf(to);
      const { file } = await copiedOut(from);
      await assert.rejects(copiedIn(to, file), {
        name: 'CopyRefused',
        message: 'The store is not empty, and nothing in it was touched. It has rows in: users (1).',
      });
      assert.deepEqual(await contentOf(to), before);
    });

    test('is as it was when the last step fails, such as writing the secrets', async (t) => {
      const { newFrom, newTo } = urls(t);
      const [from, to] = [await livedIn(newFrom), await newTo()];
      const { file } = await copiedOut(from, { secrets: async () => ({ key: 'k' }) });
      const seen: unknown[] = [];
      const failing = copiedIn(to, file, {
        judgeSecrets: async (secrets) => void seen.push(secrets),
        placeSecrets: async (secrets, keys) => {
          seen.push(secrets, keys);
          throw new Error('the folder is gone');
        },
      });
      await assert.rejects(failing, /the folder is gone/);
      assert.deepEqual(seen, [{ key: 'k' }, { key: 'k' }, [samples.aKey()]]);
      const storage = await openStorage(to);
      t.after(() => storage.close());
      assert.deepEqual([await storage.hasUsers(), await storage.listSigningKeys()], [false, []]);
    });

    test('lets nobody in without signing in and agreeing again, when that is asked for', async (t) => {
      const { newFrom, newTo } = urls(t);
      const [from, to] = [await livedIn(newFrom), await newTo()];
      await copiedIn(to, (await copiedOut(from)).file, { revokeAllAt: now + 50 });
      const storage = await openStorage(to);
      t.after(() => storage.close());
      assert.equal((await storage.findGrant('grant-1'))?.revokedAt, now + 50);
      assert.equal(
        await storage.rotateRefreshToken(samples.rotate('token-2', 'token-3', { now: now + 60 })),
        'dead',
      );
      assert.equal(await storage.findSession(samples.digestOf('session'), now), undefined);
      assert.equal(await storage.findConsent(samples.aConsent()), undefined);
      assert.equal(await storage.findPausedAuthorization(samples.digestOf('paused'), now), undefined);
      assert.deepEqual(await storage.listInitialAccessTokens(), []);
      const { secretDigest, formerSecret } = (await storage.findClient('client-1')) ?? {};
      assert.deepEqual([secretDigest, formerSecret], [samples.digestOf('second'), undefined]);
      assert.deepEqual(await storage.listPersonalAccessTokens({ now: now + 60 }), []);
      assert.deepEqual(await storage.listUsers(), [samples.aUser()]);
      assert.equal((await storage.listItems({ userId: 'user-1', limit: 9, offset: 0 })).length, 1);
    });

    test('may be stopped', async (t) => {
      const { newFrom, newTo } = urls(t);
      const [from, to] = [await livedIn(newFrom), await newTo()];
      const { file } = await copiedOut(from);
      const stop = new AbortController();
      const stopped = copiedIn(to, file, { signal: stop.signal, onProgress: () => stop.abort() });
      await assert.rejects(stopped, { name: 'AbortError' });
      const storage = await openStorage(to);
      t.after(() => storage.close());
      assert.equal(await storage.hasUsers(), false);
    });
  });
}
