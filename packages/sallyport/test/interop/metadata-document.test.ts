// The official SDK, version 2, with a client that is named by the URL of its metadata document: it reads in the metadata
// that it may, registers nowhere, and goes the whole way. The document is on this machine, behind a certificate that
// only this test believes in.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { json, openWorld, type World } from '../../../guarded-fetch/test/world.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { MemoryProvider, REDIRECT_URL } from './memory-provider.ts';
import { EMAIL, personAt, type Person } from './person.ts';
import { readsTheProfile } from './tools.ts';

class DocumentProvider extends MemoryProvider {
  readonly clientMetadataUrl: string;

  constructor(url: string) {
    super();
    this.clientMetadataUrl = url;
  }
}

describe('@modelcontextprotocol/client with a clientMetadataUrl', () => {
  let world: World;
  let house: ListeningHouse;
  let person: Person;
  let provider: DocumentProvider;
  let client: Client;
  let transport: StreamableHTTPClientTransport;
  const trusted = getCACertificates();
  before(async () => {
    world = await openWorld([]);
    setDefaultCACertificates([...trusted, world.cert]);
    house = await openListeningHouse({
      environment: { SALLYPORT_REGISTRATION_METADATA_DOCUMENTS_ALLOW_LOOPBACK_FOR_DEVELOPMENT: 'true' },
    });
    person = await personAt(house);
    const at = `localhost:${world.port}/oauth/client.json`;
    provider = new DocumentProvider(`https://${at}`);
    const document = {
      ...provider.clientMetadata,
      client_id: `https://${at}`,
      redirect_uris: [REDIRECT_URL],
    };
    world.pages.set(at, json(document));
  });
  after(async () => {
    await client?.close();
    setDefaultCACertificates(trusted);
    await house.close();
    await world.close();
  });

  async function connect(): Promise<void> {
    client = new Client({ name: 'interop', version: '1.0.0' });
    transport = new StreamableHTTPClientTransport(house.mcpUrl, { authProvider: provider });
    await client.connect(transport);
  }

  it('names itself by the URL, and registers nowhere', async () => {
    await assert.rejects(connect(), UnauthorizedError);
    assert.equal(provider.lastSentTo().searchParams.get('client_id'), provider.clientMetadataUrl);
    assert.deepEqual(await house.storage.listClients(), []);
  });
  it('is let in by a person who is told where it is published, and that the program cannot be checked', async () => {
    const answer = await person.allow(
      provider.lastSentTo(),
      new RegExp(`Verified: localhost:${world.port}`),
      /Interop client/,
      /cannot be checked/,
    );
    provider.judgeState(answer);
    await transport.finishAuth(answer.searchParams);
    await connect();
    await readsTheProfile(client, EMAIL);
    assert.deepEqual(world.requests, [`localhost:${world.port}/oauth/client.json`]);
  });
  it('refreshes while its document is away', async () => {
    world.pages.clear();
    const { access_token } = provider.tokensNow;
    house.clock.now += house.config.tokens.access.lifetimeSeconds;
    await readsTheProfile(client, EMAIL);
    assert.notEqual(provider.tokensNow.access_token, access_token);
    assert.equal(provider.sentTo.length, 1);
  });
});
