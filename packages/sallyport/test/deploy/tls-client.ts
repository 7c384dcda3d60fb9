// A client of https://mcp.example.com that finds it on this machine: the name, the certificate and the port are the test's.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Site } from '../house/browser.ts';

export const publicUrl = 'https://mcp.example.com';

export interface Certificate {
  readonly certificatePath: string;
  readonly keyPath: string;
}

export function makeCertificate(folder: string): Certificate {
  mkdirSync(folder, { recursive: true });
  const [certificatePath, keyPath] = [join(folder, 'fullchain.pem'), join(folder, 'privkey.pem')];
  const subject = ['-subj', '/CN=mcp.example.com', '-addext', 'subjectAltName=DNS:mcp.example.com'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyPath];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject, '-days', '1', '-out', certificatePath], {
    stdio: 'ignore',
  });
  return { certificatePath, keyPath };
}

export interface TlsClient extends Site {
  close(): void;
}

/** @param options `hello` is the name that the handshake asks for; `keepAlive` whether a connection is used again */
export function tlsClient(
  port: number,
  { certificatePath }: Certificate,
  { hello = 'mcp.example.com', keepAlive = true } = {},
): TlsClient {
  const agent = new Agent({ keepAlive });
  const ca = readFileSync(certificatePath);
  return { origin: publicUrl, ask, close: () => agent.destroy() };

  function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, publicUrl);
    const headers = new Headers(init.headers);
    if (!headers.has('host')) headers.set('host', url.host);
    const method = init.method ?? 'GET';
    const { signal } = init;
    return new Promise((resolve, reject) => {
      const asked = request({
        agent,
        ca,
        host: '127.0.0.1',
        port,
        servername: hello,
        method,
        path: url.pathname + url.search,
        headers: Object.fromEntries(headers),
        ...(signal && { signal }),
      });
      asked.on('error', reject).on('response', (response) => {
        const answered = new Headers();
        for (let at = 0; at < response.rawHeaders.length; at += 2) {
          answered.append(response.rawHeaders[at] ?? '', response.rawHeaders[at + 1] ?? '');
        }
        const status = response.statusCode ?? 0;
        const isEmpty = status === 204 || status === 304;
        if (isEmpty) response.resume();
        // A stream that is left ends with an error that nobody waits for.
        response.on('error', () => undefined);
        const body = isEmpty ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>);
        resolve(new Response(body, { status, headers: answered }));
      });
      asked.end(init.body ?? undefined);
    });
  }
}
