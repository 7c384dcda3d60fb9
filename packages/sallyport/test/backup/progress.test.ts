// Progress is for terminals, and only for what takes longer than a second.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { showProgress } from '../../src/backup/progress.ts';

function terminal(isTTY: boolean) {
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const { stdin, stdout } = process;
  const io = { stdin, stdout, stderr, environment: {}, cwd: '/', program: 'sallyport', now: () => 0 };
  return { io, said: () => String(stderr.read() ?? '') };
}

const far = { doing: 'copying', table: 'grants', rows: 1_204_000, of: 3_010_100 } as const;

test('nothing is shown within the first second, nor where there is no terminal', (t) => {
  t.mock.method(performance, 'now', () => 0);
  const { io, said } = terminal(true);
  const { onProgress, wipe } = showProgress(io);
  onProgress(far);
  wipe();
  assert.equal(said(), '');

  const other = terminal(false);
  const elsewhere = showProgress(other.io);
  t.mock.method(performance, 'now', () => 5_000);
  elsewhere.onProgress(far);
  elsewhere.wipe();
  assert.equal(other.said(), '');
});

test('one line says how far it is, at most five times a second, and goes at the end', (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const { io, said } = terminal(true);
  const { onProgress, wipe } = showProgress(io);
  now = 1_001;
  onProgress(far);
  assert.equal(said(), 'copying: 1,204,000 of 3,010,100 rows (39 %), grants');
  now += 100;
  onProgress(far);
  assert.equal(said(), '');
  now += 101;
  onProgress({ ...far, doing: 'comparing', rows: 3_010_100 });
  assert.match(said(), /^\x1b\[1G\x1b\[2Kcomparing: 3,010,100 of 3,010,100 rows \(100 %\), grants$/);
  wipe();
  wipe();
  assert.equal(said(), '\x1b[1G\x1b[2K');
});
