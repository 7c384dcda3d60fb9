// What a program does that "opens the browser": it starts a helper named by BROWSER, or found on the PATH, with a URL.
// Here the helper hands the URL to the test, which walks the forms.
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';

export interface OpenedUrls {
  /** For the child process: finds the helper under every name that programs look for. */
  readonly environment: Readonly<Record<string, string>>;
  /** The next URL that was opened; each is given out once. Rejects when nothing is opened for minutes. */
  next(): Promise<URL>;
  /** How many have been opened in all. */
  readonly count: number;
  close(): Promise<void>;
}

const waitMilliseconds = 120_000;

/** @param folder to put the helper into */
export async function openedUrls(folder: string): Promise<OpenedUrls> {
  const urls: URL[] = [];
  const waiting: ((url: URL) => void)[] = [];
  let count = 0;
  const server = createServer((request, response) => {
    const text = new URL(request.url ?? '/', 'http://localhost').searchParams.get('url');
    response.end();
    if (text === null) return;
    count += 1;
    const url = new URL(text);
    const first = waiting.shift();
    if (first === undefined) urls.push(url);
    else first(url);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;

  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const helper = [
    `#!${process.execPath}`,
    `require('node:http').get('http://127.0.0.1:${port}/?url=' + encodeURIComponent(process.argv[2]));`,
  ].join('\n');
  for (const name of ['browser', 'xdg-open', 'open'])
    await writeFile(join(bin, name), helper, { mode: 0o700 });

  return {
    environment: { BROWSER: join(bin, 'browser'), PATH: `${bin}${delimiter}/usr/bin${delimiter}/bin` },
    get count() {
      return count;
    },
    next() {
      const url = urls.shift();
      if (url !== undefined) return Promise.resolve(url);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no browser was opened')), waitMilliseconds);
        waiting.push((opened) => {
          clearTimeout(timer);
          resolve(opened);
        });
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
