// A server for one demo: the real one with its defaults, on a free port, in a folder that is gone afterwards.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '@sallyport/protocol';
import { loadConfig } from '../config/index.ts';
import { startServer } from '../server.ts';
import type { Given } from './index.ts';

/** Somebody may take a free port before we do; that this happens again and again is another problem. */
const portAttempts = 5;

export interface DemoServer extends Given {
  /** Ends the server and deletes all that it wrote. */
  close(): Promise<void>;
}

export async function openDemoServer(log: Log, now: () => number): Promise<DemoServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openAt(await freePort(), log, now);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === portAttempts) throw error;
    }
  }
}

async function openAt(port: number, log: Log, now: () => number): Promise<DemoServer> {
  // Closed in reverse, whether all of it came to be or not.
  const opened = new AsyncDisposableStack();
  try {
    const folder = temporaryFolder(opened);
    // Only the defaults: the demo must not touch what the person has configured.
    const environment = { SALLYPORT_LISTEN_PORT: String(port), SALLYPORT_DATA: folder };
    const config = loadConfig({ environment, cwd: folder });
    const running = await startServer(config, { log, now });
    opened.defer(() => running.close());
    const [mcp] = running.servers;
    const setupPath = await running.setupPath();
    if (mcp === undefined || setupPath === undefined)
      throw new Error('the defaults have no server or no setup link');
    return {
      mcpUrl: mcp.url,
      setupUrl: `${config.publicUrl}${setupPath}`,
      close: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

function temporaryFolder(opened: AsyncDisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-demo-'));
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  // Also when the process ends without us: at a second Ctrl-C, or an error that nobody caught.
  process.on('exit', forget);
  opened.defer(() => {
    forget();
    process.off('exit', forget);
  });
  return folder;
}

/** The issuer has the port in it, so it must be known before anything listens. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host: '127.0.0.1', port: 0 }, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
