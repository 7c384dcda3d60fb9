// npm run kill [-- <times>]: kills a working server 100 times, and says what was checked.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killUnderLoad } from './kill-under-load.ts';

const times = Number(process.argv[2] ?? 100);
const folder = mkdtempSync(join(tmpdir(), 'sallyport-kill-'));
try {
  const { kills, answers, checkedLive, checkedEnded } = await killUnderLoad(times, folder, (line) => {
    console.log(line);
  });
  console.log(`${kills} kills, ${answers} answers before them.`);
  console.log(
    `${checkedLive} grants that clients held worked afterwards, ${checkedEnded} that were refused stayed so.`,
  );
  console.log('Every time the database passed its integrity check.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
