// mcp-remote: the bridge that desktop hosts without OAuth start as a child process. It opens a browser, listens for the
// answer, and speaks MCP over stdio.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { askMcp } from '../house/client.ts';
import type { ListeningHouse } from '../house/listening-house.ts';
import { openDesktop, type Desktop } from './desktop.ts';
import type { OpenedUrls } from './opened-urls.ts';
import { EMAIL, type Person } from './person.ts';
import { revoke } from './revocation.ts';
import { keepsRecords, listsTheTools, readsTheProfile } from './tools.ts';

const program = join(
  dirname(fileURLToPath(import.meta.resolve('mcp-remote/package.json'))),
  'dist',
  'proxy.js',
);

for (const protocol of ['legacy', 'auto']) {
  describe(`mcp-remote with --protocol ${protocol}`, () => {
    const client = new Client({ name: 'interop', version: '1.0.0' });
    let desktop: Desktop;
    let house: ListeningHouse;
    let person: Person;
    let folder: string;
    let opened: OpenedUrls;
    before(async () => {
      desktop = await openDesktop();
      ({ house, person, folder, opened } = desktop);
    });
    after(async () => {
      await client.close();
      await desktop.close();
    });

    it('opens the browser when it meets the 401, and is connected once the person has allowed', async () => {
      const transport = new StdioClientTransport({
        command: process.execPath,
        args: [program, house.mcpUrl.href, '--protocol', protocol],
        env: { HOME: folder, MCP_REMOTE_CONFIG_DIR: folder, ...opened.environment },
        cwd: folder,
        stderr: 'ignore',
      });
      const connected = client.connect(transport);
      const url = await opened.next();
      assert.equal(url.searchParams.get('resource'), house.mcpUrl.href);
      assert.match(url.searchParams.get('scope')!, /^read( offline_access)?$/);
      assert.match(url.searchParams.get('redirect_uri')!, /^http:\/\/localhost:\d+\/oauth\/callback$/);
      await person.allowAndReturn(
        url,
        /read your profile, items, clients and tags/,
        /a program on this computer/,
      );
      await connected;
      await listsTheTools(client);
      await readsTheProfile(client, EMAIL);
      assert.equal((await tokensOf(folder)).scope, 'read');
    });

    it('refreshes by itself when the access token has expired', async () => {
      const old = await tokensOf(folder);
      house.clock.now += house.config.tokens.access.lifetimeSeconds;
      await readsTheProfile(client, EMAIL);
      const fresh = await tokensOf(folder);
      assert.notEqual(fresh.access_token, old.access_token);
      assert.notEqual(fresh.refresh_token, old.refresh_token);
      assert.equal(opened.count, 1);
    });

    it('steps up from `read` to `read write` when a tool needs it', async () => {
      const kept = keepsRecords(client);
      const url = await opened.next();
      assert.match(url.searchParams.get('scope')!, /^read write( offline_access)?$/);
      await person.allowAndReturn(url, /create, change and delete items/);
      await kept;
      assert.equal((await tokensOf(folder)).scope, 'read write');
      assert.equal(opened.count, 2);
    });

    it('is refused after the revocation, and asks its person again', async () => {
      const { access_token, refresh_token } = await tokensOf(folder);
      const { client_id } = await keptBy<{ client_id: string }>(folder, 'client_info.json');
      await revoke(house, { client_id, token: refresh_token });
      assert.equal((await askMcp(house, access_token)).status, 401);
      const read = readsTheProfile(client, EMAIL);
      await person.allowAndReturn(await opened.next());
      await read;
      const again = await tokensOf(folder);
      assert.notEqual(again.refresh_token, refresh_token);
      assert.equal((await askMcp(house, access_token)).status, 401);
      assert.equal(opened.count, 3);
    });
  });
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
}

function tokensOf(folder: string): Promise<Tokens> {
  return keptBy<Tokens>(folder, 'tokens.json');
}

/** What it keeps in its folder, under a name that begins with a digest of the server's URL. */
async function keptBy<Kept>(folder: string, name: string): Promise<Kept> {
  const files = await readdir(folder, { recursive: true });
  const file = files.find((path) => path.endsWith(`_${name}`));
  assert.ok(file, `nothing is kept as ${name}: ${files.join(', ')}`);
  return JSON.parse(await readFile(join(folder, file), 'utf8')) as Kept;
}
