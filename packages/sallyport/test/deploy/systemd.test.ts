// deploy/sallyport@.service: systemd takes it, shuts the service in, and what it sets is what the program knows.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { skipUnless } from '../../../../tools/needs.ts';
import { fileVariables } from '../../src/config/given.ts';
import { variables } from '../../src/config/keys.ts';
import { exitCodes } from '../../src/commands/failure.ts';
import { temporaryFolder } from '../program/run.ts';
import { repository } from './image.ts';

const text = readFileSync(join(repository, 'deploy/sallyport@.service'), 'utf8');
const { error } = spawnSync('systemd-analyze', ['--version'], { stdio: 'ignore' });
const skip = skipUnless(error === undefined || undefined, 'systemd-analyze (apt-get install systemd)');

describe('deploy/sallyport@.service', () => {
  it('sets what the program knows, and nothing secret', () => {
    const known = new Set([...variables.map(({ variable }) => variable), ...fileVariables]);
    const set = [...text.matchAll(/\b(SALLYPORT_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);
    assert.ok(set.length >= 3, 'the variables were not found');
    for (const [name = ''] of set) assert.ok(known.has(name), `there is no ${name}`);
    assert.deepEqual(
      set.find(([name]) => name === 'SALLYPORT_LISTEN_PORT'),
      ['SALLYPORT_LISTEN_PORT', '%i'],
    );
    assert.doesNotMatch(text, /\b(postgres|redis)s?:\/\//);
  });

  it('starts again whatever happened, but not into the same wrong configuration', () => {
    assert.match(text, /^Restart=always$/m);
    assert.match(text, new RegExp(`^RestartPreventExitStatus=${exitCodes.usage}$`, 'm'));
  });

  it('is a unit that systemd takes, and leaves little open', { skip }, (t) => {
    const path = join(temporaryFolder(t), 'sallyport@.service');
    const written = '/usr/local/bin/sallyport';
    assert.ok(text.includes(`ExecStart=${written} serve`));
    // Is there on every machine, which the program is not.
    writeFileSync(path, text.replace(written, '/bin/true'));
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
    assert.deepEqual([verified.status, verified.stdout, verified.stderr], [0, '', '']);
    const args = ['security', '--offline=yes', '--threshold=15', '--no-pager', path];
    const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    assert.equal(status, 0, stdout);

    writeFileSync(path, text.replace('Restart=always', 'Restart=allways').replace(written, '/bin/true'));
    const slip = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
    assert.match(slip.stderr, /allways/, 'a slip is found');
  });
});
