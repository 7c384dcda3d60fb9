// The MCP Inspector's command line, in each of the two protocol eras: with a token that somebody gives it, and with one
// that it gets for itself.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect } from '../house/client.ts';
import type { ListeningHouse } from '../house/listening-house.ts';
import { freePort } from '../program/free-port.ts';
import { openDesktop, type Desktop } from './desktop.ts';
import { inspector, type InspectorClient } from './inspector.ts';
import type { OpenedUrls } from './opened-urls.ts';
import { EMAIL, type Person } from './person.ts';
import { revoke } from './revocation.ts';
import { call, keepsRecords, listsTheTools, readsTheProfile } from './tools.ts';

// Every call is a program of half a second, so the two eras take their turns at once.
describe("the Inspector's command line", { concurrency: true }, () => {
  for (const era of ['legacy', 'modern'] as const) {
    describe(`in the ${era} era`, { concurrency: 1 }, () => {
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
        await desktop.close();
      });

      const withToken = (access_token: string): InspectorClient => {
        const credentials = ['--header', `Authorization: Bearer ${access_token}`, '--stored-auth-only'];
        return inspector({ url: house.mcpUrl, era, folder, credentials });
      };

      it('lists the tools and calls every one of them with a token in the header', async () => {
        const { tokens } = await connect(house, { scope: 'read write' });
        const client = withToken(tokens.access_token);
        await listsTheTools(client);
        await readsTheProfile(client, EMAIL);
        await keepsRecords(client);
        assert.equal(opened.count, 0);
      });

      it('says which scopes a token lacks, and that a revoked one is no longer good', async () => {
        const { client, tokens } = await connect(house);
        const reader = withToken(tokens.access_token);
        await readsTheProfile(reader, EMAIL);
        await assert.rejects(call(reader, 'create_user_tag', { name: 'Dairy' }), /write/);
        await revoke(house, { client_id: client.client_id, token: tokens.refresh_token });
        await assert.rejects(readsTheProfile(reader, EMAIL), /auth_required/);
      });

      it('signs its person in when it is given no token, once for all calls', async () => {
        const callback = `http://127.0.0.1:${await freePort()}/oauth/callback`;
        const credentials = ['--callback-url', callback];
        const environment = {
          ...opened.environment,
          // By itself it opens no browser where nobody sits, and keeps no secret where there is no keychain.
          MCP_AUTO_OPEN_ENABLED: 'true',
          MCP_INSPECTOR_SECRET_STORE: 'file',
        };
        const client = inspector({ url: house.mcpUrl, era, folder, credentials, environment });
        const listed = listsTheTools(client);
        const url = await opened.next();
        assert.equal(url.searchParams.get('redirect_uri'), callback);
        assert.equal(url.searchParams.get('resource'), house.mcpUrl.href);
        await person.allowAndReturn(url, /read your profile, items, clients and tags/);
        await listed;
        await readsTheProfile(client, EMAIL);
        assert.equal(opened.count, 1);
      });
    });
  }
});
