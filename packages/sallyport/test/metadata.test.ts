// docs/security.md, "What the metadata says": generated from the document that is served and from what the house answers
// to everything that the document does not name. `npm run docs` writes it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  assertionBy,
  assertionForm,
  clientKey,
  type ClientKey,
} from '../../authorization-server/test/assertions.ts';
import { holdGenerated } from '../../../tools/generated.ts';
import { openBrowserAt, leftTo } from './house/browser.ts';
import {
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  connect,
  EMAIL,
  PASSWORD,
  register,
  type Registered,
} from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

const begin = '<!-- metadata: begin -->';
const end = '<!-- metadata: end -->';

/** A member of the metadata: the file whose list it is made of, and what is answered to anything else. */
interface Member {
  readonly from: string;
  /** Asks for what the document does not name. @returns what came, as `status error` */
  readonly otherwise: (house: House, values: readonly string[]) => Promise<string>;
}

const authorizationServer = 'packages/authorization-server/src';
const at = (file: string) => `${authorizationServer}/${file}`;

/** Values that some server somewhere supports; those that this one does not name are tried. */
const elsewhere = {
  responseTypes: ['token', 'id_token', 'code token', 'code id_token', 'none'],
  responseModes: ['fragment', 'form_post', 'query.jwt', 'jwt'],
  prompts: ['create', 'delete', 'LOGIN', 'none login'],
  challengeMethods: ['plain', 'S512', 's256'],
  grantTypes: [
    'password',
    'implicit',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:openid:params:grant-type:ciba',
  ],
  signingAlgs: ['none', 'HS256', 'HS512', 'RS384', 'RS512', 'PS512', 'ES256K', 'RS256 '],
  authMethods: [
    'client_secret_jwt',
    'tls_client_auth',
    'self_signed_tls_client_auth',
    'attest_jwt_client_auth',
  ],
};

const members: Readonly<Record<string, Member>> = {
  issuer: {
    from: 'packages/sallyport/src/config/public-url.ts',
    otherwise: async (house) => statusOf(await house.ask('/.well-known/oauth-authorization-server/other')),
  },
  authorization_endpoint: {
    from: at('authorize/index.ts'),
    otherwise: (house) => errorOf(house.ask('/oauth/authorize', { method: 'PUT' })),
  },
  token_endpoint: {
    from: at('token/index.ts'),
    otherwise: (house) => errorOf(house.ask('/oauth/token')),
  },
  jwks_uri: {
    from: 'packages/crypto/src/signing/ring.ts',
    otherwise: (house) => errorOf(house.ask('/oauth/jwks', { method: 'POST' })),
  },
  registration_endpoint: {
    from: at('registration/register.ts'),
    async otherwise(house) {
      assert.ok(house.config.registration.mode === 'open');
      const closed = await openHouse({ environment: { SALLYPORT_REGISTRATION_MODE: 'closed' } });
      try {
        assert.ok(!('registration_endpoint' in (await metadataOf(closed))));
        return await errorOf(
          closed.ask('/oauth/register', json({ redirect_uris: ['https://a.example.com/'] })),
        );
      } finally {
        await closed.close();
      }
    },
  },
  revocation_endpoint: {
    from: at('revoke.ts'),
    otherwise: (house) => errorOf(house.ask('/oauth/revoke')),
  },
  introspection_endpoint: {
    from: at('introspect.ts'),
    otherwise: (house) => errorOf(house.ask('/oauth/introspect')),
  },
  scopes_supported: {
    from: 'packages/sallyport/src/servers.ts',
    async otherwise(house, values) {
      const { tokens } = await connect(house, { scope: 'read admin root' });
      assert.ok(!values.includes('admin') && !values.includes('root'));
      assert.equal(tokens.scope, 'read');
      return 'narrowed away';
    },
  },
  response_types_supported: {
    from: at('authorize/check.ts'),
    otherwise: (house, values) =>
      refusedAlike(without(elsewhere.responseTypes, values), (response_type) =>
        redirected(house, { response_type }),
      ),
  },
  response_modes_supported: {
    from: at('authorize/check.ts'),
    otherwise: (house, values) =>
      refusedAlike(without(elsewhere.responseModes, values), (response_mode) =>
        redirected(house, { response_mode }),
      ),
  },
  code_challenge_methods_supported: {
    from: at('authorize/check.ts'),
    otherwise: (house, values) =>
      refusedAlike([...without(elsewhere.challengeMethods, values), undefined], (code_challenge_method) =>
        redirected(house, { code_challenge_method }),
      ),
  },
  authorization_response_iss_parameter_supported: {
    from: at('authorize/respond.ts'),
    async otherwise(house) {
      const good = await authorizeAndAllow(house, await register(house));
      const { url } = authorizationUrl(await register(house), { response_type: 'x' });
      const bad = leftTo(await openBrowserAt(house).open(url));
      for (const { searchParams } of [good.redirect, bad])
        assert.deepEqual(searchParams.getAll('iss'), [house.origin]);
      return 'in every answer, errors too';
    },
  },
  prompt_values_supported: {
    from: at('authorize/asked-interaction.ts'),
    otherwise: (house, values) =>
      refusedAlike(without(elsewhere.prompts, values), (prompt) => redirected(house, { prompt })),
  },
  grant_types_supported: {
    from: at('token/grants/index.ts'),
    async otherwise(house, values) {
      const client = await register(house);
      for (const grant_type of values) {
        const error = await errorOf(askToken(house, { grant_type, client_id: client.client_id }));
        assert.notEqual(error, '400 unsupported_grant_type', grant_type);
      }
      return refusedAlike(without(elsewhere.grantTypes, values), (grant_type) =>
        errorOf(askToken(house, { grant_type, client_id: client.client_id })),
      );
    },
  },
  token_endpoint_auth_methods_supported: {
    from: at('token/client-auth/index.ts'),
    otherwise: refusesOtherMethods,
  },
  revocation_endpoint_auth_methods_supported: {
    from: at('token/client-auth/index.ts'),
    otherwise: refusesOtherMethods,
  },
  introspection_endpoint_auth_methods_supported: {
    from: at('token/client-auth/index.ts'),
    async otherwise(house, values) {
      assert.ok(!values.includes('none'));
      const { client, tokens } = await connect(house);
      const form = { token: tokens.access_token, client_id: client.client_id };
      return errorOf(house.ask('/oauth/introspect', urlencoded(form)));
    },
  },
  token_endpoint_auth_signing_alg_values_supported: {
    from: 'packages/crypto/src/signing/foreign-jwt.ts',
    otherwise: refusesOtherAlgs('/oauth/token', { grant_type: 'refresh_token', refresh_token: 'x' }),
  },
  revocation_endpoint_auth_signing_alg_values_supported: {
    from: 'packages/crypto/src/signing/foreign-jwt.ts',
    otherwise: refusesOtherAlgs('/oauth/revoke', { token: 'x' }),
  },
  introspection_endpoint_auth_signing_alg_values_supported: {
    from: 'packages/crypto/src/signing/foreign-jwt.ts',
    otherwise: refusesOtherAlgs('/oauth/introspect', { token: 'x' }),
  },
  client_id_metadata_document_supported: {
    from: at('authorize/document.ts'),
    async otherwise() {
      const off = await openHouse({
        environment: { SALLYPORT_REGISTRATION_METADATA_DOCUMENTS_ENABLED: 'false' },
      });
      try {
        assert.ok(!('client_id_metadata_document_supported' in (await metadataOf(off))));
        const { url } = authorizationUrl({ client_id: 'https://app.example.com/client.json' });
        return `${(await off.ask(url)).status}, a page`;
      } finally {
        await off.close();
      }
    },
  },
};

/** A client's assertion is let in with each algorithm that is named, and refused with any other. */
function refusesOtherAlgs(path: string, form: Readonly<Record<string, string>>): Member['otherwise'] {
  return async (house, values) => {
    const ask = async (alg: string, by = alg) => {
      const { key, client_id } = await signerOf(house, by);
      const asserted = { client_id, issuer: house.origin, now: house.clock.now, header: { alg } };
      const proof = assertionForm(assertionBy(key, asserted));
      const response = await house.ask(path, urlencoded({ ...form, ...proof }));
      const { error } = (await response.json().catch(() => ({}))) as { error?: string };
      return `${response.status} \`${error}\``;
    };
    for (const alg of values) assert.doesNotMatch(await ask(alg), /invalid_client/, alg);
    return refusedAlike(without(elsewhere.signingAlgs, values), (alg) => ask(alg, 'RS256'));
  };
}

/** One client for each kind of key: no network registers many. */
const signers = new Map<string, Promise<{ key: ClientKey; client_id: string }>>();

function signerOf(site: House, alg: string) {
  const made = async () => {
    const key = clientKey(alg);
    const metadata = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.jwk] } };
    return { key, client_id: (await register(site, metadata)).client_id };
  };
  const signer = signers.get(alg) ?? made();
  signers.set(alg, signer);
  return signer;
}

/** A method that is not named cannot be registered, so nobody can come to use it. */
function refusesOtherMethods(house: House, values: readonly string[]): Promise<string> {
  return refusedAlike(without(elsewhere.authMethods, values), (token_endpoint_auth_method) =>
    errorOf(
      house.ask(
        '/oauth/register',
        json({ redirect_uris: ['https://a.example.com/'], token_endpoint_auth_method }),
      ),
    ),
  );
}

let house: House;
before(async () => {
  house = await openHouse();
  await house.addPerson(EMAIL, PASSWORD);
});
after(() => house.close());

describe('what the metadata says', () => {
  it('has a proof for each member, and no other member', async () => {
    const document = await metadataOf(house);
    assert.deepEqual(Object.keys(document).sort(), Object.keys(members).sort());
  });

  it('is what docs/security.md shows, made from the document and from what is answered to anything else', async () => {
    const document = await metadataOf(house);
    const rows: string[] = [];
    for (const [name, { from, otherwise }] of Object.entries(members)) {
      const value = document[name];
      const values = Array.isArray(value) ? (value as string[]) : [String(value)];
      const outcome = await otherwise(house, values);
      const said = values.map((one) => `\`${one.replace(house.origin, '')}\``).join(' ');
      const file = from.split('/').slice(-2).join('/');
      rows.push(
        `| \`${name}\` | ${name === 'issuer' ? 'the public URL' : said} | [${file}](../${from}) | ${outcome} |`,
      );
    }
    const table = [
      '| Member | What it says | Made from | Anything else gets |',
      '| --- | --- | --- | --- |',
      ...rows,
    ].join('\n');
    const written = (page: string): string => {
      const [head = '', rest = ''] = page.split(begin);
      return `${head}${begin}\n\n${table}\n\n${end}${rest.split(end)[1]}`;
    };
    holdGenerated('docs/security.md', written, cellsOf);
  });
});

/** However a table is padded. */
const cellsOf = (table: string): readonly string[][] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim().replace(/^-+$/, '-')));

const without = (all: readonly string[], named: readonly string[]): readonly string[] =>
  all.filter((one) => !named.includes(one));

/** Each of them gets the same refusal. */
async function refusedAlike<T>(tried: readonly T[], ask: (one: T) => Promise<string>): Promise<string> {
  assert.ok(tried.length > 0, 'nothing was tried');
  const outcomes = new Map<string, T[]>();
  for (const one of tried) {
    const outcome = await ask(one);
    outcomes.set(outcome, [...(outcomes.get(outcome) ?? []), one]);
  }
  assert.equal(outcomes.size, 1, JSON.stringify([...outcomes]));
  return [...outcomes.keys()][0]!;
}

async function metadataOf(site: House): Promise<Readonly<Record<string, unknown>>> {
  const response = await site.ask('/.well-known/oauth-authorization-server');
  return (await response.json()) as Record<string, unknown>;
}

/** The error that the client's redirect URI is told. */
async function redirected(site: House, parameters: Record<string, string | undefined>): Promise<string> {
  const client: Registered = await register(site);
  const left = leftTo(await openBrowserAt(site).open(authorizationUrl(client, parameters).url));
  assert.equal(left.searchParams.get('code'), null);
  return `\`${left.searchParams.get('error')}\``;
}

async function errorOf(asked: Promise<Response>): Promise<string> {
  const response = await asked;
  assert.ok(response.status >= 400, `${response.status}`);
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  const error = isJson ? ((await response.json()) as { error?: string }).error : undefined;
  return error === undefined ? `${response.status}` : `${response.status} \`${error}\``;
}

const statusOf = (response: Response): string => `${response.status}`;

const json = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const urlencoded = (form: Record<string, string>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(form).toString(),
});
