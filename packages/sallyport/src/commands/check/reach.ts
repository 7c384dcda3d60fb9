// Whether others can reach the server, and others than are meant to.

import { connect } from 'node:net';
import { isLoopbackHost } from '../../config/index.ts';
import type { Config } from '../../config/index.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';

export function judgeIssuer({ publicUrl }: Config): Finding {
  if (publicUrl.startsWith('https:')) return ok('publicUrl', publicUrl);
  return warn(
    'publicUrl',
    `${publicUrl} works on this machine only`,
    'For others, and for Claude and ChatGPT on the web, set publicUrl to an https address.',
  );
}

export function judgeExposure({
  publicUrl,
  listen,
  signIn,
  trustedProxies,
  authorizationServer,
}: Config): Finding[] {
  const findings: Finding[] = [];
  const isLocal = publicUrl.startsWith('http:');
  if (isLocal && !isLoopbackHost(listen.host.toLowerCase()) && listen.host !== '::1') {
    findings.push(
      warn(
        'listen',
        `${listen.host} is reachable from other machines, while publicUrl is of this machine`,
        'Write listen.host: localhost, unless a container or proxy stands between.',
      ),
    );
  }
  if (isLocal && Number(new URL(publicUrl).port || 80) !== listen.port) {
    findings.push(
      warn(
        'publicUrl',
        `${publicUrl} has another port than the one that is listened on, ${listen.port}`,
        `Write publicUrl: http://localhost:${listen.port}, unless a container or proxy leads from the one to the other.`,
      ),
    );
  }
  if (!isLocal && trustedProxies.length === 0) {
    findings.push(
      warn(
        'trustedProxies',
        'is empty, so behind the proxy that ends TLS everybody has one address, and shares its limits',
        "Write the proxy's address; on this machine: trustedProxies: [127.0.0.1, '::1']",
      ),
    );
  }
  if (
    !isLocal &&
    authorizationServer === undefined &&
    signIn.some((way) => way.provider === 'password' && way.signUp)
  ) {
    findings.push(
      warn(
        'signIn',
        'anybody who can reach the server may make an account',
        'Write signUp: false, unless that is what you want.',
      ),
    );
  }
  return findings;
}

export async function judgePort({ listen, publicUrl, authorizationServer }: Config): Promise<Finding> {
  const { host, port } = listen;
  const peer = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  if (!(await answers(peer, port))) return ok('port', `${port} on ${host} is free`);
  const issuer = await issuerAt(peer, port);
  if (issuer === (authorizationServer?.server.issuer ?? publicUrl))
    return ok('port', `${port} on ${host}: this server is running there`);
  return fail(
    'port',
    `${port} on ${host} is used by another program`,
    'Stop it, or set SALLYPORT_LISTEN_PORT.',
  );
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const done = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

async function issuerAt(host: string, port: number): Promise<unknown> {
  const authority = host.includes(':') ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${authority}:${port}/.well-known/oauth-authorization-server`, {
      redirect: 'error',
      signal: AbortSignal.timeout(2000),
    });
    return ((await response.json()) as { issuer?: unknown }).issuer;
  } catch {
    return undefined;
  }
}
