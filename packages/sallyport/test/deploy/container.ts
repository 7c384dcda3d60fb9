// Runs an image as an engine would: process 1 of its own, without root's rights, on a root folder that nobody can write,
// with nothing mounted but what is asked for. It shares the network of this machine.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { skipUnless } from '../../../../tools/needs.ts';
import type { Ended } from '../program/run.ts';
import type { Image } from './image.ts';

export interface Container {
  readonly ended: Promise<Ended>;
  readonly output: () => string;
  /** To process 1, as `docker stop` does. */
  readonly signal: (signal: NodeJS.Signals) => void;
}

export interface Run {
  /** In place of what the image would run. */
  readonly argv?: readonly string[];
  /** In place of `CMD`. */
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What is mounted: path in the container to path on this machine. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Which of these paths can be written. */
  readonly writable?: readonly string[];
}

const isRoot = process.getuid?.() === 0;
const apart = [
  ...(isRoot ? [] : ['--user', '--map-root-user']),
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
];

/** The `skip` of a test that runs a container. */
export function skipWithoutNamespaces(): string | false {
  const { status } = spawnSync('unshare', [...apart, 'true']);
  return skipUnless(status === 0 || undefined, 'namespaces of Linux, for this user (unshare)');
}

/** Binds what is given as `read-or-write folder path` triples, makes everything else read-only, and becomes the program. */
const enter = `
root=$1; workdir=$2; uid=$3; gid=$4; shift 4
mount --bind "$root" "$root"
while [ "$1" != -- ]; do mount --bind "$2" "$root$3"; [ "$1" = rw ] || mount -o remount,bind,ro "$root$3"; shift 3; done
shift
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs unshare ${isRoot ? '--setgid="$gid" --setuid="$uid"' : '--user --map-user="$uid" --map-group="$gid"'} \\
  --root="$root" --wd="$workdir" -- "$@"
`;

export function runContainer(image: Image, run: Run): Container {
  const { argv, command, environment = {}, mounts = {}, writable = [] } = run;
  const [uid = '', gid = ''] = image.user.split(':');
  const program = argv ?? [...image.entrypoint, ...(command ?? image.command)];
  const bound = Object.entries(mounts).flatMap(([path, source]) => {
    makeMountPoint(join(image.root, path), source);
    const isWritable = writable.includes(path);
    if (isWritable && isRoot) chownSync(source, Number(uid), Number(gid));
    return [isWritable ? 'rw' : 'ro', source, path];
  });
  const how = [image.root, image.workdir, uid, gid, ...bound, '--', ...program];
  const child = spawn('unshare', [...apart, '--', 'sh', '-ec', enter, 'sh', ...how], {
    env: { PATH: process.env['PATH'], ...image.environment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (stderr += chunk));
  return {
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr })),
    output: () => stdout + stderr,
    signal(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const inside = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
      if (inside !== '') process.kill(Number(inside), signal);
    },
  };
}

/** An engine makes what is missing, too. */
function makeMountPoint(point: string, source: string): void {
  const isFolder = statSync(source).isDirectory();
  mkdirSync(isFolder ? point : dirname(point), { recursive: true });
  if (!isFolder) writeFileSync(point, '', { flag: 'a' });
}

/** Resolves when this URL is answered with success. */
export async function answers(url: string, container: Container): Promise<void> {
  for (let attempts = 1200; attempts > 0; attempts -= 1) {
    if ((await fetch(url).catch(() => undefined))?.ok === true) return;
    await wait(50);
  }
  assert.fail(`no answer: ${container.output()}`);
}
