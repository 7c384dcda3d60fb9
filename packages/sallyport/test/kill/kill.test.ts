import assert from 'node:assert/strict';
import { it } from 'node:test';
import { temporaryFolder } from '../program/run.ts';
import { WORKERS } from './load.ts';
import { killUnderLoad } from './kill-under-load.ts';

it('keeps what clients were told when the server is killed under load (`npm run kill` does it 100 times)', async (t) => {
  const report = await killUnderLoad(5, temporaryFolder(t));
  assert.equal(report.kills, 5);
  assert.ok(report.answers >= 5 * WORKERS, `only ${report.answers} answers came before the kills`);
  assert.ok(report.checkedLive > 0 && report.checkedEnded > 0, JSON.stringify(report));
});
