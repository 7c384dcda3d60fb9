// nginx and Caddy with the configurations of deploy/, in which only names of files, addresses and ports are this machine's.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { skipUnless } from '../../../../tools/needs.ts';
import { freePort } from '../program/free-port.ts';
import { repository } from './image.ts';
import type { Certificate } from './tls-client.ts';

export interface Fitting {
  /** Empty, and the proxy's own. */
  readonly folder: string;
  readonly certificate: Certificate;
  /** Where it takes https, and where http. */
  readonly ports: { readonly https: number; readonly http: number };
  /** Ports of the two instances. */
  readonly instances: readonly [number, number];
}

export interface Proxy {
  readonly name: 'nginx' | 'caddy';
  readonly skip: string | false;
  /** Writes its configuration. @returns the path */
  fit(fitting: Fitting): string;
  /** What its own check says, with its exit code. */
  check(configuration: string): { readonly code: number | null; readonly said: string };
  arguments(configuration: string): readonly string[];
  /** Sends nothing to this instance any more, or to all again, where it does not find out by itself. */
  leaveOut?(fitting: Fitting, at: 0 | 1 | undefined): Promise<void>;
  /** How often it has said that this instance cannot be reached, where a call may be lost until it knows. */
  misses?(fitting: Fitting, at: 0 | 1, output: string): number;
  /** The lines of its access log. */
  log(fitting: Fitting, output: string): string;
}

/** Every text must be there, or the configuration has changed and the test would run another one. */
function fitText(file: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce(
    (text, [from, to]) => {
      assert.ok(text.includes(from), `${file} has no ${from}`);
      return text.replaceAll(from, to);
    },
    readFileSync(join(repository, 'deploy', file), 'utf8'),
  );
}

function skipWithout(name: string): string | false {
  const { error } = spawnSync(name, ['version'], { stdio: 'ignore' });
  return skipUnless(error === undefined || undefined, `${name} (apt-get install ${name})`);
}

export const nginx: Proxy = {
  name: 'nginx',
  skip: skipWithout('nginx'),
  fit({ folder, certificate, ports, instances }) {
    const site = fitText('nginx.conf', {
      '/etc/letsencrypt/live/mcp.example.com/fullchain.pem': certificate.certificatePath,
      '/etc/letsencrypt/live/mcp.example.com/privkey.pem': certificate.keyPath,
      '/var/log/nginx/sallyport.log': join(folder, 'access.log'),
      'listen 443 ssl': `listen 127.0.0.1:${ports.https} ssl`,
      'listen [::]:443 ssl': `listen [::1]:${ports.https} ssl`,
      'listen 80;': `listen 127.0.0.1:${ports.http};`,
      'listen [::]:80;': `listen [::1]:${ports.http};`,
      '127.0.0.1:8001': `127.0.0.1:${instances[0]}`,
      '127.0.0.1:8002': `127.0.0.1:${instances[1]}`,
    });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'site.conf'), site);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${join(folder, kind)};`,
    );
    const path = join(folder, 'nginx.conf');
    writeFileSync(
      path,
      [
        process.getuid?.() === 0 ? `user ${userInfo().username};` : '',
        `pid ${join(folder, 'pid')}; error_log stderr; worker_processes 2; daemon off;`,
        `events {} http { access_log off; ${temporary.join(' ')} include ${join(folder, 'site.conf')}; }`,
      ].join('\n'),
    );
    return path;
  },
  check: (configuration) => ends('nginx', ['-t', '-c', configuration]),
  arguments: (configuration) => ['-c', configuration],
  async leaveOut({ folder, instances }, at) {
    const path = join(folder, 'site.conf');
    const all = readFileSync(path, 'utf8').replaceAll(' down;', ';');
    const without = new RegExp(
      `^(  server 127.0.0.1:${at === undefined ? 'none' : instances[at]} .*);$`,
      'gm',
    );
    writeFileSync(path, all.replaceAll(without, '$1 down;'));
    const process = readFileSync(join(folder, 'pid'), 'utf8').trim();
    const workers = () => readFileSync(`/proc/${process}/task/${process}/children`, 'utf8').trim().split(' ');
    const old = workers();
    spawnSync('kill', ['-HUP', process]);
    // The old workers go once they have answered what they took.
    while (workers().some((worker) => old.includes(worker))) await wait(20);
  },
  log: ({ folder }) => readFileSync(join(folder, 'access.log'), 'utf8'),
};

export const caddy: Proxy = {
  name: 'caddy',
  skip: skipWithout('caddy'),
  fit({ folder, certificate, ports, instances }) {
    const { certificatePath, keyPath } = certificate;
    const text = fitText('Caddyfile', {
      '\tservers {': [
        '\tadmin off',
        `\thttp_port ${ports.http}`,
        `\thttps_port ${ports.https}`,
        `\tstorage file_system ${join(folder, 'storage')}`,
        '\tservers {',
      ].join('\n'),
      '\nmcp.example.com {': `\nmcp.example.com {\n\ttls ${certificatePath} ${keyPath}`,
      '127.0.0.1:8001': `127.0.0.1:${instances[0]}`,
      '127.0.0.1:8002': `127.0.0.1:${instances[1]}`,
      // Not seconds that a test would wait for.
      'health_interval 2s': 'health_interval 100ms',
    });
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'Caddyfile');
    writeFileSync(path, text);
    return path;
  },
  check: (configuration) => ends('caddy', ['validate', '--adapter', 'caddyfile', '--config', configuration]),
  arguments: (configuration) => ['run', '--adapter', 'caddyfile', '--config', configuration],
  // Up to 2.11.1 at least it takes a POST for lost whose first instance cannot be reached (caddyserver/caddy#7546).
  misses: ({ instances }, at, output) =>
    output.split(`"HTTP request failed","host":"127.0.0.1:${instances[at]}"`).length - 1,
  log: (_, output) => output,
};

function ends(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 });
  return { code: status, said: stdout + stderr };
}

export interface RunningProxy {
  readonly fitting: Fitting;
  readonly output: () => string;
  close(): Promise<void>;
}

/** On ports that are free at this moment; others, when somebody else is faster. */
export async function startProxy(proxy: Proxy, place: Omit<Fitting, 'ports'>): Promise<RunningProxy> {
  for (let attempts = 5; ; attempts -= 1) {
    const ports = { https: await freePort(), http: await freePort() };
    const running = await tryProxy(proxy, { ...place, ports });
    if (typeof running !== 'string') return running;
    if (attempts === 1 || !/address already in use/i.test(running))
      assert.fail(`${proxy.name} ended: ${running}`);
  }
}

/** @returns what it said before it ended, when it did not start */
async function tryProxy(proxy: Proxy, fitting: Fitting): Promise<RunningProxy | string> {
  const child = spawn(proxy.name, proxy.arguments(proxy.fit(fitting)), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Caddy keeps a copy of its configuration at home.
    env: { ...process.env, XDG_CONFIG_HOME: fitting.folder, XDG_DATA_HOME: fitting.folder },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => void (output += chunk));
  }
  const ended = once(child, 'close');
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  while (!(await isOpen(fitting.ports.https))) {
    if (child.exitCode !== null) {
      await ended;
      return output;
    }
    await wait(20);
  }
  return { fitting, output: () => output, close };
}

function isOpen(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}
