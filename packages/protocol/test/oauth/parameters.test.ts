import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  comparableResource,
  findResource,
  printAuthorizationResponse,
  printChallenge,
  printScope,
  readBasic,
  readBearer,
  readBody,
  readChallenge,
  readClientMetadata,
  readParameters,
  readScope,
  wellKnownUrl,
  withoutEmpty,
} from '@sallyport/protocol';
import fc from 'fast-check';

const anyText = fc.string({ unit: 'binary', maxLength: 200 });

describe('scope', () => {
  it('is printed and parsed to the same list', () => {
    const token = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{1,20}$/);
    fc.assert(
      fc.property(fc.uniqueArray(token), (scope) => {
        assert.deepEqual(readScope(printScope(scope)), scope);
      }),
    );
  });
  it('drops whatever is no scope token, and repeats', () => {
    assert.deepEqual(readScope(' read  write read "x" a\\b é '), ['read', 'write']);
    assert.deepEqual(readScope(undefined), []);
    fc.assert(
      fc.property(anyText, (text) => {
        for (const name of readScope(text)) assert.match(name, /^[\x21\x23-\x5b\x5d-\x7e]+$/);
      }),
    );
  });
});

describe('resource', () => {
  const known = [
    { resource: 'https://mcp.example.com/mcp' },
    { resource: 'https://mcp.example.com/mcp/sales' },
  ];
  it('is found by slash, case and default-port variants, and by nothing else', () => {
    for (const text of [
      'https://mcp.example.com/mcp',
      'https://mcp.example.com/mcp/',
      'HTTPS://MCP.example.com:443/mcp',
    ])
      assert.equal(findResource(text, known), known[0], text);
    for (const text of [
      'https://mcp.example.com',
      'https://mcp.example.com/MCP',
      'https://mcp.example.com/mcp//',
      'https://mcp.example.com/mcp?x',
      'https://mcp.example.com/mcp#x',
      'https://mcp.example.com/mcp#',
      'http://mcp.example.com/mcp',
      'https://user@mcp.example.com/mcp',
      'https://mcp.example.com:8443/mcp',
      'https://mcp.example.com\\mcp',
      'mcp',
      '',
    ])
      assert.equal(findResource(text, known), undefined, text);
  });
  it('has one comparable form, with a slash or without', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.webUrl({ withQueryParameters: true })), (text) => {
        const form = comparableResource(text);
        if (form !== undefined && !form.includes('?')) assert.equal(comparableResource(`${form}/`), form);
      }),
    );
  });
});

describe('parameters', () => {
  it('are all there as sent, or the one that came twice is named', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 8 }), anyText)), (pairs) => {
        const read = readParameters(new URLSearchParams(pairs));
        const sent = [...new URLSearchParams(pairs)].filter(
          ([name, value]) => value !== '' && name !== 'resource',
        );
        const names = sent.map(([name]) => name);
        const twice = names.filter((name, at) => names.indexOf(name) !== at);
        if ('fault' in read) assert.ok(twice.includes(read.name));
        else {
          assert.equal(twice.length, 0);
          assert.deepEqual(new Map(Object.entries(read.values)), new Map(sent));
        }
      }),
    );
  });
  it('may name a resource more than once, nothing else; an empty one is absent', () => {
    const read = readParameters(new URLSearchParams('resource=a&resource=b&scope=&__proto__=x'));
    assert.ok(!('fault' in read));
    assert.deepEqual(read.resource, ['a', 'b']);
    assert.deepEqual(Object.keys(read.values), ['__proto__']);
    assert.equal(read.values['constructor'], undefined);
  });
  it('are refused above their size', () => {
    const resources = (count: number) => readParameters(new URLSearchParams('resource=x&'.repeat(count)));
    assert.ok(!('fault' in resources(16)));
    assert.deepEqual(resources(17), { fault: 'too_long', name: 'resource' });
    assert.deepEqual(readParameters(new URLSearchParams({ state: 'x'.repeat(8193) })), {
      fault: 'too_long',
      name: 'state',
    });
  });
});

describe('authorization response', () => {
  it('is printed so that a URL parser reads back exactly what was said', () => {
    const base = fc.constantFrom(
      'https://a.example.com/cb',
      'https://a.example.com/cb?x=%20y',
      'https://a.example.com?',
      'cursor://a/cb',
      'com.example.app:/cb',
      'http://[::1]:1/cb',
    );
    fc.assert(
      fc.property(base, fc.string({ unit: 'grapheme' }), fc.string(), (redirect_uri, state, code) => {
        const iss = 'https://mcp.example.com';
        const url = new URL(printAuthorizationResponse(redirect_uri, { code, state, iss }));
        assert.equal(url.searchParams.get('state'), state.toWellFormed());
        assert.equal(url.searchParams.get('code'), code.toWellFormed());
        assert.equal(url.searchParams.get('iss'), iss);
        assert.ok(url.href.startsWith(new URL(redirect_uri).href.replace(/\?$/, '')));
      }),
    );
  });
  it('leaves out what is not there', () => {
    assert.equal(
      printAuthorizationResponse('https://a.example.com/', { error: 'access_denied', iss: 'i' }),
      'https://a.example.com/?error=access_denied&iss=i',
    );
  });
});

describe('the Authorization header', () => {
  it('gives the bearer token that was put in', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9\-._~+/]{1,50}={0,2}$/), (token) => {
        assert.equal(readBearer(`Bearer ${token}`), token);
        assert.equal(readBearer(`bearer ${token}`), token);
      }),
    );
  });
  it('gives nothing for anything else', () => {
    for (const header of [
      null,
      '',
      'Bearer',
      'Bearer ',
      'Bearer a b',
      'Bearer a,b',
      'Basic YTpi',
      'Bearerabc',
      `Bearer ${'x'.repeat(20_000)}`,
    ])
      assert.equal(readBearer(header), undefined, String(header).slice(0, 30));
    fc.assert(fc.property(anyText, (text) => void readBearer(text)));
  });
  it('gives Basic credentials, form-encoded or raw', () => {
    const encode = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    assert.deepEqual(readBasic(encode('id:s%2Fe+t')), { client_id: 'id', client_secret: 's/e t' });
    assert.deepEqual(readBasic(encode('id:a-b_c')), { client_id: 'id', client_secret: 'a-b_c' });
    assert.equal(readBasic('Bearer x'), undefined);
    assert.equal(readBasic(null), undefined);
    for (const header of ['Basic', 'Basic !', encode('nocolon'), encode(':x'), encode('a:%zz')])
      assert.equal(readBasic(header), 'malformed', header);
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (client_id, client_secret) => {
        const header = encode(
          `${encodeURIComponent(client_id.toWellFormed())}:${encodeURIComponent(client_secret.toWellFormed())}`,
        );
        assert.deepEqual(readBasic(header), {
          client_id: client_id.toWellFormed(),
          client_secret: client_secret.toWellFormed(),
        });
        void readBasic(`Basic ${client_secret}`);
      }),
    );
  });
});

describe('a challenge', () => {
  it('is printed and parsed to itself', () => {
    const text = fc.stringMatching(/^[\x20-\x7e]{0,40}$/);
    fc.assert(
      fc.property(
        fc.constantFrom('invalid_token', 'insufficient_scope', 'invalid_request'),
        text,
        text,
        fc.webUrl(),
        (error, error_description, scope, url) => {
          const challenge = { error, error_description, scope, resource_metadata: url } as const;
          assert.deepEqual(readChallenge(printChallenge(challenge)), {
            ...challenge,
            resource_metadata: url.replaceAll(/[^\x20-\x7e]/g, '?'),
          });
        },
      ),
    );
    assert.equal(printChallenge({}), 'Bearer');
    assert.deepEqual(readChallenge('Bearer'), {});
  });
  it('is found among others, and any header at all can be read', () => {
    assert.deepEqual(readChallenge('Basic realm="x, Bearer y", Bearer scope=read, error="invalid_token"'), {
      scope: 'read',
      error: 'invalid_token',
    });
    assert.equal(readChallenge('Basic realm="x"'), undefined);
    assert.equal(readChallenge(null), undefined);
    fc.assert(fc.property(anyText, (header) => void readChallenge(`Bearer ${header}`)));
  });
  it('stays ASCII and in one header line', () => {
    fc.assert(
      fc.property(anyText, (error_description) => {
        assert.match(printChallenge({ error: 'invalid_token', error_description }), /^[\x20-\x7e]+$/);
      }),
    );
  });
});

describe('client metadata', () => {
  const supported = {
    privateUseSchemes: 'allow' as const,
    gptWildcards: false,
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods: ['none', 'private_key_jwt'],
    token_endpoint_auth_signing_algs: ['ES256'],
  };
  it('is a value or a fault for any JSON, and what is kept is never null or empty', () => {
    const member = fc.constantFrom(
      'redirect_uris',
      'grant_types',
      'client_name',
      'scope',
      'contacts',
      'logo_uri',
      'token_endpoint_auth_method',
      'token_endpoint_auth_signing_alg',
      'jwks',
      'jwks_uri',
    );
    const key = { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: 'k', use: 'sig' };
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constant(['https://a.example.com/']),
      fc.constantFrom('none', 'private_key_jwt', 'ES256', 'https://a.example.com/jwks'),
      fc.constantFrom({ keys: [key] }, { keys: [{ ...key, d: 'AAAA' }] }, { keys: [] }),
    );
    fc.assert(
      fc.property(fc.dictionary(member, value), (document) => {
        const read = readClientMetadata(document, supported);
        if ('error' in read) return;
        assert.ok(read.redirect_uris.length > 0);
        for (const kept of Object.values(read))
          assert.ok(kept !== null && kept !== '' && (!Array.isArray(kept) || kept.length > 0));
        const places = [read.jwks, read.jwks_uri].filter((one) => one !== undefined);
        assert.equal(places.length, read.token_endpoint_auth_method === 'private_key_jwt' ? 1 : 0);
        assert.doesNotMatch(JSON.stringify(read.jwks ?? {}), /"d"/);
        const again = readClientMetadata(JSON.parse(JSON.stringify(read)), supported);
        assert.deepEqual(again, read);
      }),
      { numRuns: 2000 },
    );
  });
  it('keeps no name that could disguise itself', () => {
    const read = readClientMetadata(
      {
        redirect_uris: ['https://a.example.com/'],
        token_endpoint_auth_method: 'none',
        client_name: ' A\u202eB\u200b\u0007\n C ',
      },
      supported,
    );
    assert.ok('client_name' in read);
    assert.equal(read.client_name, 'A B C');
  });
});

describe('documents', () => {
  it('are printed without null and empty members, but with zero and false', () => {
    assert.deepEqual(withoutEmpty({ a: null, b: '', c: [], d: undefined, e: 0, f: false, g: ['x'] }), {
      e: 0,
      f: false,
      g: ['x'],
    });
  });
  it('live where the well-known name is put between host and path', () => {
    assert.equal(
      wellKnownUrl('oauth-protected-resource', 'https://a.example.com/mcp/'),
      'https://a.example.com/.well-known/oauth-protected-resource/mcp',
    );
    assert.equal(
      wellKnownUrl('oauth-authorization-server', 'https://a.example.com'),
      'https://a.example.com/.well-known/oauth-authorization-server',
    );
  });
});

describe('a body', () => {
  type Body = NonNullable<ConstructorParameters<typeof Response>[0]> | null;
  const request = (body: Body, headers: Record<string, string> = {}): Request =>
    new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' });
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  it('is read up to its limit, and not believed about its length', async () => {
    const whole = await readBody(request('hello'), 5);
    assert.ok(typeof whole !== 'string');
    assert.deepEqual(new Uint8Array(whole), bytes('hello'));
    assert.equal(await readBody(request('hello!'), 5), 'too_large');
    for (const length of ['9', '-', 'NaN', '1e9']) {
      assert.equal(await readBody(request('x', { 'content-length': length }), 5), 'too_large', length);
    }
    assert.equal(await readBody(request('hello!', { 'content-length': '5' }), 5), 'too_large');
    assert.equal((await readBody(request(null), 5)).length, 0);
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1000)) });
    assert.equal(await readBody(request(endless), 5000), 'too_large');
  });
  it('that breaks off, or was read before, is broken', async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) });
    assert.equal(await readBody(request(broken), 5000), 'broken');
    const read = request('x');
    await read.text();
    assert.equal(await readBody(read, 5000), 'broken');
  });
});
