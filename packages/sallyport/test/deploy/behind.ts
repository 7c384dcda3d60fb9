// What must hold behind every proxy that deploy/ has a configuration for, with two real instances that share a store.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, get as httpGet, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { maxBodyBytes } from '../../../gateway/src/limits.ts';
import { openEventStream } from '../house/event-stream.ts';
import { openBrowserAt } from '../house/browser.ts';
import { askMcp, connect, EMAIL, PASSWORD, register, type Tokens } from '../house/client.ts';
import { freePort } from '../program/free-port.ts';
import { run, start, type Running } from '../program/run.ts';
import { startProxy, type Fitting, type Proxy, type RunningProxy } from './proxies.ts';
import { makeCertificate, publicUrl, tlsClient, type TlsClient } from './tls-client.ts';

const METRICS_TOKEN = 'the-token-of-the-monitor';
/** Far longer than a proxy takes to notice, in these configurations, also on a busy machine. */
const STOP_DELAY_SECONDS = 3;

export function holdsBehind(proxy: Proxy): void {
  describe(`two instances behind ${proxy.name}`, { skip: proxy.skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), `sallyport-${proxy.name}-`));
    const instances: Running[] = [];
    let fitting: Fitting;
    let running: RunningProxy | undefined;
    let site: TlsClient;
    let tokens: Tokens;
    /** Streams that their client has left. */
    let left = 0;

    const environmentOf = (port: number) => ({
      SALLYPORT_PUBLIC_URL: publicUrl,
      SALLYPORT_LISTEN_HOST: '127.0.0.1',
      SALLYPORT_LISTEN_PORT: String(port),
      SALLYPORT_LISTEN_STOP_DELAY_SECONDS: String(STOP_DELAY_SECONDS),
      SALLYPORT_TRUSTED_PROXIES: '127.0.0.1',
      SALLYPORT_DATA: join(folder, 'data'),
      SALLYPORT_LOG_LEVEL: 'info',
      SALLYPORT_METRICS_TOKEN: METRICS_TOKEN,
    });
    const serve = async (at: 0 | 1, port: number): Promise<void> => {
      const instance = start(['serve'], { cwd: folder, environment: environmentOf(port) });
      instances[at] = instance;
      await instance.says(/Sallyport is running/);
    };
    /** On a port that is free at this moment; on another one, when somebody else is faster. */
    const serveSomewhere = async (at: 0 | 1, attempts = 5): Promise<number> => {
      const port = await freePort();
      try {
        await serve(at, port);
        return port;
      } catch (error) {
        if (attempts === 1 || !String(error).includes('already in use')) throw error;
        return serveSomewhere(at, attempts - 1);
      }
    };

    before(async () => {
      const certificate = makeCertificate(join(folder, 'certificate'));
      const environment = environmentOf(await freePort());
      const added = await run(['users', 'add', EMAIL, '--password', PASSWORD], { cwd: folder, environment });
      assert.equal(added.code, 0, added.stderr);
      const ports = [await serveSomewhere(0), await serveSomewhere(1)] as const;
      running = await startProxy(proxy, { folder: join(folder, proxy.name), certificate, instances: ports });
      fitting = running.fitting;
      site = tlsClient(fitting.ports.https, certificate);
      tokens = (await connect(site)).tokens;
    });

    after(async () => {
      // All of it ends, also when it had not begun well.
      await running?.close();
      site?.close();
      for (const instance of instances) instance.kill('SIGKILL');
      await Promise.all(instances.map(({ ended }) => ended));
      rmSync(folder, { recursive: true, force: true });
    });

    it(`the configuration passes the check of ${proxy.name} itself`, () => {
      const path = proxy.fit({ ...fitting, folder: join(folder, 'checked') });
      const { code, said } = proxy.check(path);
      assert.equal(code, 0, said);
      assert.doesNotMatch(said, /\[warn\]|not formatted/);
    });

    it('a login made of many requests, and calls with its token, are answered by both', async () => {
      const before = instances.map((instance) => linesOf(instance).length);
      for (let call = 0; call < 8; call += 1) {
        // Two at once, since an idle instance is preferred.
        const [one, other] = await Promise.all([
          askMcp(site, tokens.access_token),
          askMcp(site, tokens.access_token),
        ]);
        assert.deepEqual([one?.status, other?.status], [200, 200]);
        await Promise.all([one?.text(), other?.text()]);
      }
      const served = () => instances.map((instance, at) => linesOf(instance).length - (before[at] ?? 0));
      // Each of them writes a line about what it has answered, a moment later.
      while (served().reduce((sum, count) => sum + count, 0) < 16) await wait(20);
      assert.ok(
        served().every((count) => count > 0),
        `served: ${served().join(', ')}`,
      );
    });

    it('a stream says its first event at once, and takes posts, each on the instance that has it', async () => {
      for (const path of ['/sse', '/mcp', '/sse']) {
        const stream = await openEventStream(site, tokens.access_token, path);
        const posted = await post(site, stream.endpoint, tokens.access_token);
        assert.equal(posted.status, 202, path);
        await stream.reads(/"id":7,"result":\{\}/);
        stream.leave();
        left += 1;
      }
    });

    it('a stream that its client leaves ends behind the proxy too', async () => {
      const stream = await openEventStream(site, tokens.access_token, '/sse');
      stream.leave();
      left += 1;
      while (linesOf(...instances).filter(({ why }) => why === 'client_left').length < left) await wait(20);
    });

    it('the address of the client is what the proxy saw, whatever the client writes', async () => {
      const headers = {
        'x-forwarded-for': '198.51.100.66',
        forwarded: 'for=198.51.100.66',
        'x-real-ip': '198.51.100.66',
      };
      await (await site.ask('/nothing-to-find', { headers })).text();
      const seen = async (): Promise<unknown[]> => {
        const found = linesOf(...instances).filter(({ status }) => status === 404);
        return found.length > 0 ? found.map(({ address }) => address) : wait(20).then(seen);
      };
      assert.deepEqual([...new Set(await seen())], ['127.0.0.1']);
    });

    it('http leads to https, at the name that the configuration says', async () => {
      const headers = { host: 'mcp.example.com' };
      const asked = httpGet({ host: '127.0.0.1', port: fitting.ports.http, path: '/sign-in?x=1', headers });
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      response.resume();
      assert.ok([301, 308].includes(response.statusCode ?? 0), String(response.statusCode));
      assert.equal(response.headers.location, `${publicUrl}/sign-in?x=1`);
    });

    it('https is all there is from the first answer on, and other names are nobody', async () => {
      const page = await site.ask('/', { headers: { accept: 'text/html' } });
      assert.match(page.headers.get('strict-transport-security') ?? '', /^max-age=\d{7,}/);
      assert.match(page.headers.get('set-cookie') ?? '', /^__Host-/);
      const stranger = tlsClient(fitting.ports.https, fitting.certificate, { hello: 'other.example.com' });
      await assert.rejects(stranger.ask('/'));
      stranger.close();
    });

    it('a head and a body as large as Sallyport takes go through, and larger ones do not', async () => {
      const long = await askMcp(site, 'x'.repeat(14_000));
      assert.equal(long.status, 401, await long.text());
      const tooLong = await askMcp(site, 'x'.repeat(40_000)).catch(() => undefined);
      assert.ok(tooLong === undefined || [400, 431, 494].includes(tooLong.status), String(tooLong?.status));
      const body = (bytes: number) => ({ jsonrpc: '2.0', id: 1, method: 'tools/list', _: 'x'.repeat(bytes) });
      const large = await askMcp(site, tokens.access_token, body(maxBodyBytes - 1000));
      assert.notEqual(large.status, 413);
      assert.doesNotMatch(await large.text(), /<html/);
      const tooLarge = await askMcp(site, tokens.access_token, body(maxBodyBytes)).catch(() => undefined);
      // Who notices first decides how it ends: with 413, with 502, or cut off while the body is still coming.
      assert.ok(
        tooLarge === undefined || [413, 502].includes(tooLarge.status),
        `too large: ${tooLarge?.status}`,
      );
    });

    it('an instance that is stopped and started again loses no request', async () => {
      // A connection that is used again may be closed by either end just then; every client knows that, and tries another.
      const visitor = tlsClient(fitting.ports.https, fitting.certificate, { keepAlive: false });
      const load = keepAsking(visitor, tokens.access_token);
      for (const at of [0, 1] as const) {
        await proxy.leaveOut?.(fitting, at);
        instances[at]?.kill('SIGTERM');
        const { code, stderr } = await instances[at]!.ended;
        assert.equal(code, 0, stderr);
        await serve(at, fitting.instances[at]);
        await proxy.leaveOut?.(fitting, undefined);
        // A proxy that asks for readiness has to hear of it before the other one may go.
        while (!linesOf(instances[at]!).some(({ route }) => route === '/mcp')) await wait(20);
      }
      const { answered, failed } = await load.stop();
      visitor.close();
      assert.deepEqual(failed, []);
      assert.ok(answered > 50, `only ${answered} were asked`);
    });

    it('an instance that is gone at once costs only what it had in hand', async () => {
      const misses = () => proxy.misses?.(fitting, 0, running?.output() ?? '');
      const before = misses();
      const hasNoticed = () => before === undefined || misses() !== before;
      instances[0]?.kill('SIGKILL');
      await instances[0]?.ended;
      while (!hasNoticed()) await wait(20);
      // The proxy sees its open connections end.
      while (hasConnectionsTo(fitting.instances[0])) await wait(20);
      for (let call = 0; call < 12; call += 1) {
        const response = await askMcp(site, tokens.access_token);
        assert.equal(response.status, 200, await response.text());
      }
      await serve(0, fitting.instances[0]);
    });

    it('no query of a login is in the log of the proxy', async () => {
      const client = await register(site);
      await openBrowserAt(site).open(`/oauth/authorize?client_id=${client.client_id}&state=secret-state`);
      await (await site.ask('/sign-up?setup=secret-link', { headers: { accept: 'text/html' } })).text();
      const logged = () => proxy.log(fitting, running?.output() ?? '');
      while (!logged().includes('/sign-up')) await wait(20);
      assert.match(logged(), /\/oauth\/authorize/);
      const secrets = [/secret-state/, /secret-link/, /code=/, /Bearer/, new RegExp(tokens.access_token)];
      for (const secret of secrets) assert.ok(!secret.test(logged()), `it has ${String(secret)}`);
    });
  });

  describe(`requests that ${proxy.name} may not repeat`, { skip: proxy.skip }, () => {
    it('a POST that an instance took and did not answer is not sent to the other', async (t) => {
      const folder = mkdtempSync(join(tmpdir(), `sallyport-${proxy.name}-`));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      let posts = 0;
      const breaksOff = async (): Promise<number> => {
        const server = createServer((request, response) => {
          if (request.url === '/ready') return void response.end('{}');
          posts += 1;
          request.resume().on('end', () => request.socket.destroy());
        });
        t.after(() => {
          server.close().closeAllConnections();
        });
        const port = await freePort();
        await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
        return port;
      };
      const certificate = makeCertificate(join(folder, 'certificate'));
      const instances = [await breaksOff(), await breaksOff()] as const;
      const running = await startProxy(proxy, { folder: join(folder, proxy.name), certificate, instances });
      t.after(() => running.close());
      const site = tlsClient(running.fitting.ports.https, certificate);
      t.after(() => site.close());
      const response = await site.ask('/oauth/token', { method: 'POST', body: 'grant_type=refresh_token' });
      assert.equal(response.status, 502);
      assert.equal(posts, 1);
    });
  });
}

/** The requests and streams that instances have logged. */
function linesOf(...instances: readonly Running[]): readonly Readonly<Record<string, unknown>>[] {
  return instances.flatMap((instance) =>
    instance
      .output()
      .stderr.split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  );
}

/** Whether somebody still holds one, open or closed by the other end alone: ESTABLISHED or CLOSE_WAIT in proc(5). */
function hasConnectionsTo(port: number): boolean {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(([, , remote = '', state = '']) => remote.endsWith(end) && ['01', '08'].includes(state));
}

function post(site: TlsClient, path: string, access_token: string): Promise<Response> {
  return site.ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${access_token}` },
    body: JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'ping' }),
  });
}

/** Four clients that call without a pause, until they are told to stop. */
function keepAsking(site: TlsClient, access_token: string) {
  const seen = { answered: 0, failed: [] as string[] };
  const stop = new AbortController();
  const clients = [0, 1, 2, 3].map(async () => {
    while (!stop.signal.aborted) {
      try {
        const response = await askMcp(site, access_token);
        const text = await response.text();
        if (response.status === 200) seen.answered += 1;
        else seen.failed.push(`${response.status} ${text}`);
      } catch (error) {
        seen.failed.push(String(error));
      }
      await wait(5);
    }
  });
  return {
    async stop() {
      stop.abort();
      await Promise.all(clients);
      return seen;
    },
  };
}
