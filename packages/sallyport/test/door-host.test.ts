// The name under which the server is asked: its own is answered, any other is redirected (pages) or refused.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hostRule } from '../src/door/index.ts';

const page = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

type Row = readonly [
  method: string,
  url: string,
  accept: string | null,
  verdict: string,
  forwardedHost?: string,
];

function judge(publicUrl: string, [method, url, accept, , forwardedHost]: Row): string {
  const headers = new Headers();
  if (accept !== null) headers.set('accept', accept);
  if (forwardedHost !== undefined) headers.set('x-forwarded-host', forwardedHost);
  const verdict = hostRule(publicUrl)({ method, url, headers });
  return verdict.verdict === 'redirect' ? `redirect ${verdict.location}` : verdict.verdict;
}

const tables: Readonly<Record<string, readonly Row[]>> = {
  'http://localhost:8000': [
    ['GET', 'http://localhost:8000/', page, 'serve'],
    ['POST', 'http://localhost:8000/mcp', 'application/json', 'serve'],
    // Clients are configured with either name of this machine.
    ['POST', 'http://127.0.0.1:8000/mcp', 'application/json, text/event-stream', 'serve'],
    ['POST', 'http://[::1]:8000/oauth/token', null, 'serve'],
    ['GET', 'http://127.0.0.1:8000/.well-known/oauth-authorization-server', '*/*', 'serve'],
    // A page's cookies must all be on one host.
    [
      'GET',
      'http://127.0.0.1:8000/sign-in?return_to=%2F',
      page,
      'redirect http://localhost:8000/sign-in?return_to=%2F',
    ],
    ['HEAD', 'http://[::1]:8000/', page, 'redirect http://localhost:8000/'],
    ['POST', 'http://127.0.0.1:8000/sign-in', page, 'serve'],
    // Another port is another program.
    ['POST', 'http://localhost:9000/mcp', 'application/json', 'refuse'],
    ['GET', 'http://localhost/sign-in', page, 'redirect http://localhost:8000/sign-in'],
    // DNS rebinding: the attacker's name, our address.
    ['POST', 'http://evil.example:8000/mcp', 'application/json', 'refuse'],
    ['GET', 'http://evil.example:8000/mcp', 'text/event-stream', 'refuse'],
    ['GET', 'http://evil.example:8000/oauth/jwks', '*/*', 'refuse'],
    ['POST', 'http://evil.example:8000/sign-in', page, 'refuse'],
    ['GET', 'http://evil.example:8000/sign-in', page, 'redirect http://localhost:8000/sign-in'],
    ['GET', 'http://localhost.evil.example:8000/mcp', '*/*', 'refuse'],
    ['GET', 'http://127.0.0.1.evil.example:8000/mcp', '*/*', 'refuse'],
    ['GET', 'http://192.168.1.20:8000/mcp', '*/*', 'refuse'],
    // Only who names HTML opens a page.
    ['GET', 'http://evil.example:8000/', 'text/htmlx', 'refuse'],
    ['GET', 'http://evil.example:8000/', 'application/json;x=text/html', 'refuse'],
    // The way back stays at home, whatever the path.
    [
      'GET',
      'http://evil.example:8000//evil.example/x',
      page,
      'redirect http://localhost:8000//evil.example/x',
    ],
    // Probes of an orchestrator.
    ['GET', 'http://10.1.2.3:8000/health', '*/*', 'serve'],
    ['GET', 'http://10.1.2.3:8000/ready', null, 'serve'],
    ['GET', 'http://10.1.2.3:8000/live', null, 'serve'],
    // A monitor asks every instance; the answer needs its token.
    ['GET', 'http://10.1.2.3:8000/metrics', 'text/plain;version=0.0.4', 'serve'],
    ['GET', 'http://10.1.2.3:8000/metrics/x', null, 'refuse'],
    ['GET', 'http://10.1.2.3:8000/health/x', null, 'refuse'],
  ],
  'https://mcp.example.com': [
    // Behind the proxy that ends TLS, our socket speaks http.
    ['POST', 'http://mcp.example.com/mcp', 'application/json', 'serve'],
    ['POST', 'http://mcp.example.com:443/mcp', 'application/json', 'serve'],
    ['GET', 'http://mcp.example.com:8443/', page, 'serve'],
    // A proxy on this machine that rewrites the name: a redirect would come back here for ever.
    ['GET', 'http://localhost:8000/sign-in', page, 'serve'],
    ['POST', 'http://127.0.0.1:8000/mcp', 'application/json', 'serve'],
    ['GET', 'http://www.example.com/', page, 'redirect https://mcp.example.com/'],
    ['POST', 'http://www.example.com/mcp', 'application/json', 'refuse'],
    ['GET', 'http://203.0.113.9/mcp', '*/*', 'refuse'],
    // A proxy elsewhere that rewrites the name and says so.
    ['GET', 'http://sallyport:8000/', page, 'refuse', 'mcp.example.com'],
    ['GET', 'http://sallyport:8000/', page, 'redirect https://mcp.example.com/', 'other.example.com'],
    // It never makes a stranger's name ours.
    ['POST', 'http://evil.example/mcp', 'application/json', 'refuse', 'mcp.example.com'],
  ],
  'https://mcp.example.com:8443': [
    ['GET', 'http://mcp.example.com:8443/', page, 'serve'],
    ['POST', 'http://mcp.example.com/mcp', null, 'serve'],
    ['POST', 'http://other.example.com:8443/mcp', null, 'refuse'],
  ],
  'http://[::1]:8000': [
    ['GET', 'http://localhost:8000/', page, 'redirect http://[::1]:8000/'],
    ['POST', 'http://localhost:8000/mcp', null, 'serve'],
  ],
};

for (const [publicUrl, rows] of Object.entries(tables)) {
  describe(`a server whose public URL is ${publicUrl}`, () => {
    for (const row of rows) {
      const [method, url, accept, verdict, forwardedHost] = row;
      const forwarded = forwardedHost === undefined ? '' : `, forwarded for ${forwardedHost}`;
      test(`${method} ${url} (${accept ?? 'no Accept'}${forwarded}): ${verdict}`, () => {
        assert.equal(judge(publicUrl, row), verdict);
      });
    }
  });
}
