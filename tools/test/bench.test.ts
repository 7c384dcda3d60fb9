// The bench runs and measures all that it says; what the figures are is not for a test, which shares its machine.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { aims, derivedRows } from '../../bench/aims.ts';
import { rows } from '../../bench/rows.ts';
import type { Summary } from '../../bench/tables.ts';

const root = join(import.meta.dirname, '../..');

test('the bench has a figure for every row of every server, and for every aim', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@sallyport/source', join(root, 'bench/run.ts'), '--quick', '--json'],
    { cwd: root },
  );
  const summary = JSON.parse(stdout) as Summary;
  const floors = ['floor, SQLite', 'floor, memory'];
  const measured = Object.entries(summary.rows).map(([name, row]) => [name, Object.keys(row)]);
  assert.deepEqual(Object.fromEntries(measured), {
    metadata: ['Sallyport', 'oidc-provider', ...floors],
    register: ['Sallyport', 'oidc-provider', ...floors],
    'code flow': ['Sallyport', 'oidc-provider', ...floors],
    refresh: ['Sallyport', 'oidc-provider', ...floors],
    'ping, guarded': ['Sallyport', 'MCP SDK', ...floors],
    'ping, unguarded': ['Sallyport', 'MCP SDK', ...floors],
    'tool call, 2026-07-28': ['Sallyport', 'MCP SDK', ...floors],
    'tool call, 2025-11-25': ['Sallyport', 'MCP SDK', ...floors],
    'token check, added': ['Sallyport', 'MCP SDK', ...floors],
  });
  assert.equal(measured.length, rows.length + derivedRows.length);
  for (const { name } of rows) {
    for (const [server, { least, median, most }] of Object.entries(summary.rows[name] ?? {})) {
      assert.ok(0 < least && least <= median && median <= most, `${name}, ${server}: ${median}`);
    }
  }
  assert.equal(summary.aims.length, aims.length);
  for (const { row, measured: spread } of summary.aims) assert.ok(Number.isFinite(spread.median), row);
});
