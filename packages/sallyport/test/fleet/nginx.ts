// A real nginx in front of several instances: each request goes to any of them, or, by a port of its own, to a certain one.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** `in turn`: no two requests that follow each other meet the same instance. */
export type Balance = 'at random' | 'in turn';

export interface Nginx {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

interface Fronting {
  /** For its configuration and its files; made when it is not there. */
  readonly folder: string;
  /** What the instances are called by. */
  readonly port: number;
  readonly balance: Balance;
  /** Ports on 127.0.0.1: of the instance, and the one here that leads to it alone. */
  readonly instances: readonly { readonly port: number; readonly ownDoor: number }[];
}

export function hasNginx(): boolean {
  return spawnSync('nginx', ['-v']).status === 0;
}

export async function startNginx(fronting: Fronting): Promise<Nginx> {
  const { folder, port } = fronting;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(fronting));
  const child = spawn('nginx', ['-p', folder, '-c', file, '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const origin = `http://localhost:${port}`;
  await answers(origin);
  return {
    origin,
    async close() {
      child.kill('SIGQUIT');
      const late = setTimeout(() => child.kill('SIGKILL'), 2_000);
      await ended;
      clearTimeout(late);
    },
  };
}

async function answers(origin: string): Promise<void> {
  for (let attempts = 600; attempts > 0; attempts -= 1) {
    if (
      await fetch(origin).then(
        () => true,
        () => false,
      )
    )
      return;
    await wait(50);
  }
  throw new Error('nginx does not answer');
}

const configuration = ({ folder, port, balance, instances }: Fronting): string => `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream instances {
    ${balance === 'at random' ? 'random;' : ''}
    ${instances.map((instance) => `server 127.0.0.1:${instance.port} max_fails=0;`).join('\n    ')}
    keepalive 32;
  }
  proxy_http_version 1.1;
  proxy_buffering off;
  proxy_set_header Connection "";
  proxy_set_header Host localhost:${port};
  proxy_set_header X-Forwarded-For $remote_addr;
  server {
    listen 127.0.0.1:${port};
    listen [::1]:${port};
    location / { proxy_pass http://instances; }
  }
  ${instances.map(ownDoor).join('\n  ')}
}
`;

const ownDoor = (instance: { readonly port: number; readonly ownDoor: number }): string =>
  `server { listen 127.0.0.1:${instance.ownDoor}; location / { proxy_pass http://127.0.0.1:${instance.port}; } }`;
