// docs/machines.md does what it says: its commands, as they stand there, against a server of their own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { readDocuments } from '../../../tools/docs.ts';
import { freePort } from './program/free-port.ts';
import { start, temporaryFolder } from './program/run.ts';

const root = join(import.meta.dirname, '../../..');
const [document] = readDocuments(root).filter(({ path }) => path === 'docs/machines.md');
const script = document?.fences.filter(({ language }) => language === 'sh').map(({ text }) => text) ?? [];

it('docs/machines.md brings a program to its first call', async (t) => {
  assert.equal(script.length, 3, 'the three steps');
  const cwd = temporaryFolder(t);
  const environment = { SALLYPORT_LISTEN_PORT: String(await freePort()) };
  const server = start(['serve'], { cwd, environment });
  t.after(async () => {
    server.kill('SIGKILL');
    await server.ended;
  });
  await server.says(/Sallyport is running/);

  const command = join(cwd, 'sallyport');
  const program = join(root, 'packages/sallyport/src/main.ts');
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(command, 0o755);
  const text = script.join('\n').replaceAll(':8000', `:${environment.SALLYPORT_LISTEN_PORT}`);
  const PATH = `${cwd}${delimiter}${process.env['PATH'] ?? ''}`;
  const env = { ...process.env, ...environment, PATH };
  const { stdout } = await promisify(execFile)('sh', ['-e', '-c', text], { cwd, env });
  const { result } = JSON.parse(stdout) as { result: { structuredContent: { name: string } } };
  assert.equal(result.structuredContent.name, 'Report');
});
