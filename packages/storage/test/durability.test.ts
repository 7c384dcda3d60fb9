// What was acknowledged is there after a kill, whatever the process was doing.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openStorage } from '@sallyport/storage';
import * as samples from './contract/samples.ts';
import { temporaryFolder } from './folder.ts';

const lives = 8;
const writer = join(import.meta.dirname, 'durability-writer.ts');

/** Kills the writer as soon as it has acknowledged so many writes. @returns all that it acknowledged */
async function liveAndDie(path: string, life: number, acknowledgements: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--conditions=@sallyport/source', writer, path, `life-${life}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n').length > acknowledgements) child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL', complaints);
  // The last piece has no line end: it was cut off, and is no acknowledgement.
  return said.split('\n').slice(0, -1);
}

test('every acknowledged write is in the database after the process was killed', async (t) => {
  const path = join(temporaryFolder(t), 'test.db');
  const first = await openStorage(`sqlite:${path}`);
  await samples.withPersonAndClient(first);
  await first.close();

  let checked = 0;
  for (let life = 0; life < lives; life++) {
    const acknowledged = await liveAndDie(path, life, 1 + life * 41);
    const storage = await openStorage(`sqlite:${path}`);
    for (const line of acknowledged) {
      const [what, ...rest] = line.split(' ');
      const name = rest.join(' ');
      const kept =
        what === 'item'
          ? await storage.findItem(name)
          : await storage.findRefreshToken(samples.digestOf(name));
      assert.ok(what === 'item' || what === 'rotated', line);
      assert.ok(kept !== undefined, `${line} was acknowledged and is not there`);
      checked += 1;
    }
    await storage.close();
    const database = new DatabaseSync(path);
    assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    assert.deepEqual(database.prepare('PRAGMA foreign_key_check').all(), []);
    database.close();
  }
  assert.ok(checked > lives * 41, `only ${checked} acknowledged writes were checked`);
});
