// `signIn`: the providers that people come from, and the sentence for everything that would only fail once they are there.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openIdRows } from '@sallyport/sign-in';
import { ConfigInvalid, configJsonSchema, loadConfig, reservedWords } from '../src/config/index.ts';
import type { SignInConfig } from '../src/config/index.ts';
import { isUpstreamKind, kindOf } from '../src/config/sign-in/kinds.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-sign-in-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function load(yaml: string, environment: Readonly<Record<string, string>> = {}): readonly SignInConfig[] {
  writeFileSync(join(folder, 'sallyport.yaml'), yaml);
  const { signIn } = loadConfig({ environment, cwd: folder });
  // What is undefined is not there.
  return JSON.parse(JSON.stringify(signIn)) as readonly SignInConfig[];
}

function problemsOf(yaml: string, environment: Readonly<Record<string, string>> = {}): string[] {
  try {
    load(yaml, environment);
  } catch (error) {
    assert.ok(error instanceof ConfigInvalid, String(error));
    return error.message.split('\n').map((line) => line.replace('sallyport.yaml:', ''));
  }
  return [];
}

const app = 'clientId: abc, clientSecret: def';

describe('a provider', () => {
  test('is its app, and gets its id, title and callback path from what it is', () => {
    assert.deepEqual(load(`signIn: [{ provider: github, ${app} }]`), [
      {
        provider: 'github',
        id: 'github',
        title: 'GitHub',
        callbackPath: '/github/callback',
        clientId: 'abc',
        clientSecret: 'def',
        storeTokens: true,
        people: { accounts: 'just-in-time', linkByVerifiedEmail: false, organizationsIgnoreCase: true },
      },
    ]);
  });

  test('of which there are several is told apart by an id of its own', () => {
    const ways = load(
      [
        'signIn:',
        '  - { provider: password }',
        `  - { provider: oidc, issuer: https://login.example.com, ${app} }`,
        `  - { provider: oidc, id: acme, title: Acme, issuer: https://acme.example.com/, ${app} }`,
      ].join('\n'),
    );
    assert.deepEqual(
      ways.map((way) =>
        way.provider === 'password' ? way.provider : [way.id, way.title, way.callbackPath, way.issuer],
      ),
      [
        'password',
        ['oidc', 'login.example.com', '/oidc/callback', 'https://login.example.com'],
        ['acme', 'Acme', '/acme/callback', 'https://acme.example.com/'],
      ],
    );
  });

  test('may be written in the words of MXCP, whose scopes it then asks for', () => {
    const yaml = [
      'signIn:',
      '  - provider: github',
      '    client_id: ${GITHUB_CLIENT_ID}',
      '    client_secret: ${GITHUB_CLIENT_SECRET}',
      '    scope: "user:email read:org"',
      '    callback_path: /login/github',
      '    auth_url: https://github.com/login/oauth/authorize',
      '    token_url: https://github.com/login/oauth/access_token',
      '  - { provider: atlassian, client_id: abc, client_secret: def }',
    ].join('\n');
    const environment = { GITHUB_CLIENT_ID: 'id', GITHUB_CLIENT_SECRET: 'secret' };
    const [github, atlassian] = load(yaml, environment);
    assert.deepEqual(github, {
      provider: 'github',
      id: 'github',
      title: 'GitHub',
      callbackPath: '/login/github',
      clientId: 'id',
      clientSecret: 'secret',
      scopes: ['user:email', 'read:org'],
      authorizationUrl: 'https://github.com/login/oauth/authorize',
      tokenUrl: 'https://github.com/login/oauth/access_token',
      storeTokens: true,
      people: { accounts: 'just-in-time', linkByVerifiedEmail: false, organizationsIgnoreCase: true },
    });
    assert.ok(atlassian !== undefined && 'scopes' in atlassian);
    assert.equal(
      atlassian.scopes?.join(' '),
      'read:me read:jira-work read:jira-user read:confluence-content.all read:confluence-user offline_access',
    );
  });

  test('may have its secret in a file, and none where it is an app without one', () => {
    writeFileSync(join(folder, 'secret'), 'from-a-file\n');
    const [one] = load('signIn: [{ provider: github, clientId: abc, clientSecretFile: secret }]');
    assert.ok(one !== undefined && 'clientSecret' in one);
    assert.equal(one.clientSecret, 'from-a-file');
    const [other] = load(
      'signIn: [{ provider: oidc, issuer: https://login.example.com, clientId: abc, authMethod: none }]',
    );
    assert.ok(other !== undefined && !('clientSecret' in other));
  });
});

const atGitHub = 'https://github.com/settings/developers';

test('what is left to the operator by each kind is read', () => {
  const parts = (yaml: string) => {
    const [way] = load(`signIn: [{ ${yaml}, ${app} }]`);
    return way as unknown as Readonly<Record<string, unknown>>;
  };
  for (const tenant of ['organizations', 'consumers', 'common', '00000000-0000-4000-8000-000000000000'])
    assert.equal(parts(`provider: entra, tenant: ${tenant}`)['tenant'], tenant);
  assert.equal(parts('provider: google, hostedDomain: example.com')['hostedDomain'], 'example.com');
  const auth0 = parts(
    'provider: auth0, domain: example.eu.auth0.com, audience: "https://api.example.com", authorizationParameters: { organization: org_1 }',
  );
  assert.equal(auth0['audience'], 'https://api.example.com');
  assert.deepEqual(auth0['authorizationParameters'], { organization: 'org_1' });
  const key = `pk_live_${Buffer.from('clerk.example.com$').toString('base64')}`;
  assert.equal(parts(`provider: clerk, publishableKey: "${key}"`)['publishableKey'], key);
});

describe('what is missing is refused at start, with where it is found', () => {
  test('all of it at once, and the callback URL to register', () => {
    assert.deepEqual(
      problemsOf('publicUrl: https://mcp.example.com\nsignIn: [{ provider: github }, { provider: entra }]'),
      [
        `2:12: signIn[0].clientId is missing. Make an app at ${atGitHub}, with the callback URL https://mcp.example.com/github/callback, and write: clientId: \${GITHUB_CLIENT_ID}`,
        `2:12: signIn[0].clientSecret is missing. Copy it from ${atGitHub}, and write: clientSecret: \${GITHUB_CLIENT_SECRET}`,
        '2:34: signIn[1].tenant is missing. Write, for example: tenant: 00000000-0000-0000-0000-000000000000',
        '2:34: signIn[1].clientId is missing. Make an app at https://entra.microsoft.com, at App registrations, with the callback URL https://mcp.example.com/entra/callback, and write: clientId: ${ENTRA_CLIENT_ID}',
        '2:34: signIn[1].clientSecret is missing. Copy it from https://entra.microsoft.com, at App registrations, and write: clientSecret: ${ENTRA_CLIENT_SECRET}',
      ].map((line) =>
        line.replace(/^(\d+:)\d+/, (_, start: string) => start + (line.includes('[0]') ? '10' : '32')),
      ),
    );
  });

  test('a variable that is not set or empty is not taken for a provider without a secret', () => {
    const yaml =
      'signIn:\n- provider: github\n  clientId: ${GITHUB_CLIENT_ID}\n  clientSecret: ${GITHUB_CLIENT_SECRET}';
    assert.deepEqual(problemsOf(yaml, { GITHUB_CLIENT_SECRET: '' }), [
      `3:3: signIn[0].clientId needs the environment variable GITHUB_CLIENT_ID, which is not set. Set it before starting: export GITHUB_CLIENT_ID=… (it is shown at ${atGitHub})`,
      `4:3: signIn[0].clientSecret needs the environment variable GITHUB_CLIENT_SECRET, which is empty. Set it before starting: export GITHUB_CLIENT_SECRET=… (it is shown at ${atGitHub})`,
    ]);
  });

  test('a client id may be left out where this server can register itself, but not beside a secret', () => {
    const at = 'issuer: "https://login.example.com"';
    const registered = 'registration: { initialAccessToken: abc }';
    for (const provider of ['clerk', 'keycloak', 'oidc'])
      for (const more of ['', ', authMethod: none', `, ${registered}`]) {
        const [way] = load(`signIn: [{ provider: ${provider}, ${at}${more} }]`);
        assert.ok(way?.provider !== 'password' && way?.clientId === undefined, provider);
      }
    for (const provider of ['google', 'entra', 'okta', 'auth0'])
      assert.equal(problemsOf(`signIn: [{ provider: ${provider}, ${at} }]`).length, 2, provider);
    const [line = ''] = problemsOf(`signIn: [{ provider: clerk, ${at}, clientSecret: abc }]`);
    assert.match(
      line,
      /clientId is missing\. Make an app at .*; or leave out both, and switch on "Dynamic client registration" at https:\/\/dashboard\.clerk\.com/,
    );
  });

  test('both tables of providers agree where this server can register itself', () => {
    const registering = openIdRows.flatMap(({ kind, registration }) =>
      registration === undefined ? [] : [kind],
    );
    for (const { kind } of openIdRows) {
      assert.ok(isUpstreamKind(kind));
      assert.equal(kindOf(kind).registration !== undefined, registering.includes(kind), kind);
    }
  });

  test('what tells one house of a kind from another', () => {
    const missing = (provider: string) =>
      problemsOf(`signIn: [{ provider: ${provider}, ${app} }]`).map(
        (line) => /signIn\S* \S+ \S+/.exec(line)?.[0],
      );
    assert.deepEqual(missing('google'), []);
    assert.deepEqual(missing('clerk'), ['signIn[0].publishableKey is missing.']);
    assert.deepEqual(missing('okta'), ['signIn[0].domain is missing.']);
    assert.deepEqual(missing('auth0'), ['signIn[0].domain is missing.']);
    assert.deepEqual(missing('keycloak'), ['signIn[0].url is missing.', 'signIn[0].realm is missing.']);
    assert.deepEqual(missing('oidc'), ['signIn[0].issuer is missing.']);
    assert.deepEqual(missing('okta, issuer: "https://example.okta.com/oauth2/default"'), []);
  });
});

/** One problem each. */
const refused: readonly (readonly [yaml: string, line: string])[] = [
  [
    `signIn: [{ provider: gihtub, ${app} }]`,
    '1:12: signIn[0].provider must be one of password, github, atlassian, clerk, google, entra, okta, auth0, keycloak, oidc. Write: provider: github',
  ],
  [
    `signIn: [{ provider: github, clientld: abc, ${app} }]`,
    '1:30: signIn[0].clientld is not a key that Sallyport knows. Did you mean `clientId`?',
  ],
  [
    'signIn: [{ provider: password, clientId: abc }]',
    '1:32: signIn[0].clientId is not a key that Sallyport knows. Known keys here are: provider, signUp.',
  ],
  [
    `signIn: [{ provider: github, ${app} }, { provider: github, ${app} }]`,
    '1:68: signIn[1].provider is github a second time. Give one of them an id of its own, for example: id: acme',
  ],
  [
    `signIn: [{ provider: github, ${app} }, { provider: oidc, id: github, issuer: "https://login.example.com", ${app} }]`,
    '1:84: signIn[1].id is "github", as of signIn[0]. Give each an id of its own.',
  ],
  [
    `signIn: [{ provider: github, id: oauth, ${app} }]`,
    '1:30: signIn[0].id is "oauth", a word that Sallyport uses itself. Choose another, for example: id: my-oauth',
  ],
  [
    `signIn: [{ provider: github, id: password, ${app} }]`,
    '1:30: signIn[0].id is "password", a word that Sallyport uses itself. Choose another, for example: id: my-password',
  ],
  [
    `signIn: [{ provider: github, id: Acme, ${app} }]`,
    '1:30: signIn[0].id must be lower-case letters, digits and single hyphens between them. Write, for example: id: acme',
  ],
  [
    `signIn: [{ provider: github, client_id: abc, ${app} }]`,
    '1:30: signIn[0].client_id says the same as clientId beside it. Keep one of the two lines.',
  ],
  [
    `signIn: [{ provider: github, clientSecretFile: secret, ${app} }]`,
    '1:30: signIn[0].clientSecretFile is there beside the secret itself. Keep one of the two lines.',
  ],
  [
    `signIn: [{ provider: oidc, authMethod: none, issuer: "https://login.example.com", ${app} }]`,
    '1:28: signIn[0].authMethod is none, beside a secret that would never be used. Keep one of the two lines.',
  ],
  [
    `signIn: [{ provider: oidc, registration: {}, issuer: "https://login.example.com", ${app} }]`,
    '1:28: signIn[0].registration is there beside the clientId of an app. Keep one of the two.',
  ],
  [
    `signIn: [{ provider: github, callbackPath: /oauth/callback, ${app} }]`,
    '1:30: signIn[0].callbackPath begins with /oauth, where Sallyport answers itself. Write, for example: callbackPath: /github/callback',
  ],
  [
    `signIn: [{ provider: github, callbackPath: "/a/../b?c", ${app} }]`,
    '1:30: signIn[0].callbackPath must be a path of letters, digits and -._~, without an end slash and query. Write, for example: callbackPath: /github/callback',
  ],
  [
    `signIn: [{ provider: github, ${app} }, { provider: google, callbackPath: /github/callback, ${app} }]`,
    '1:86: signIn[1].callbackPath is /github/callback, as of signIn[0]. Give each a path of its own.',
  ],
  [
    `signIn: [{ provider: oidc, issuer: "http://login.example.com", ${app} }]`,
    '1:28: signIn[0].issuer is no https URL without user name, query and fragment (http is for this machine only). Write it as the provider does, for example: https://login.example.com',
  ],
  [
    `signIn: [{ provider: entra, tenant: example.com, ${app} }]`,
    '1:29: signIn[0].tenant is no tenant id, and none of organizations, consumers and common. Write the Directory (tenant) ID that the overview of your app shows; a domain name has no issuer.',
  ],
  [
    `signIn: [{ provider: okta, domain: "https://example.okta.com", ${app} }]`,
    '1:28: signIn[0].domain is no host name in lower case, without scheme and path. Write, for example: domain: example.okta.com',
  ],
  [
    `signIn: [{ provider: github, scopes: ["read:user user:email"], ${app} }]`,
    '1:39: signIn[0].scopes[0] is no name of a scope. Write each scope as an entry of its own: [openid, email]',
  ],
];

describe('what cannot be meant is refused', () => {
  test('what the sign-in itself writes is for no configuration to say', () => {
    for (const name of ['redirect_uri', 'state', 'scope', 'response_mode', 'resource', 'a b']) {
      const yaml = `signIn: [{ provider: oidc, issuer: "https://login.example.com", authorizationParameters: { "${name}": x }, ${app} }]`;
      assert.equal(problemsOf(yaml).length, 1, name);
    }
  });

  test('a key of Clerk that names no host is not taken, and not repeated', () => {
    for (const key of ['pk_live_hunter2', 'sk_live_hunter2', 'hunter2']) {
      const [line = '', ...others] = problemsOf(
        `signIn: [{ provider: clerk, publishableKey: ${key}, ${app} }]`,
      );
      assert.match(line, /publishableKey is no publishable key of Clerk/);
      assert.ok(!line.includes('hunter2') && others.length === 0);
    }
  });

  for (const [yaml, line] of refused) test(yaml, () => assert.deepEqual(problemsOf(yaml), [line]));

  test('no reserved word is an id, or begins a callback path', () => {
    for (const word of reservedWords) {
      assert.equal(problemsOf(`signIn: [{ provider: github, id: ${word}, ${app} }]`).length, 1, word);
      assert.equal(
        problemsOf(`signIn: [{ provider: github, callbackPath: /${word}, ${app} }]`).length,
        1,
        word,
      );
    }
  });

  test('and no secret is repeated', () => {
    const words = 'clientId: "hunter2 ", clientSecret: "hunter2\\n", client_secret: hunter2 x';
    const said = problemsOf(`signIn: [{ provider: clerk, publishableKey: sk_live_hunter2, ${words} }]`);
    assert.ok(said.length >= 4);
    assert.ok(!said.join('\n').includes('hunter2'));
    writeFileSync(join(folder, 'secret'), 'hunter2 and a second word');
    const [problem = ''] = problemsOf(
      'signIn: [{ provider: github, clientId: abc, clientSecretFile: secret }]',
    );
    assert.match(problem, /clientSecretFile names \S+, whose text has other characters/);
    assert.ok(!problem.includes('hunter2'));
  });
});

test('the JSON schema tells an editor which keys go with which provider', () => {
  const { signIn } = configJsonSchema()['properties'] as Record<string, { items: { oneOf: Shape[] } }>;
  const keysOf = (provider: string) =>
    Object.keys(
      signIn?.items.oneOf.find(({ properties }) => properties['provider']?.const === provider)?.properties ??
        {},
    );
  assert.deepEqual(keysOf('password'), ['provider', 'signUp']);
  assert.ok(keysOf('github').includes('apiUrl') && !keysOf('github').includes('issuer'));
  assert.ok(keysOf('entra').includes('tenant') && !keysOf('okta').includes('tenant'));
});

interface Shape {
  readonly properties: Readonly<Record<string, { readonly const?: string }>>;
}

describe('the people of a provider', () => {
  const peopleOf = (given: string, before = '') => {
    const [way] = load(`${before}signIn: [{ ${given}, ${app} }]`);
    assert.ok(way !== undefined && 'people' in way);
    return way.people;
  };
  const elsewhere = 'publicUrl: https://mcp.example.com\n';

  test('get an account by themselves where strangers cannot be among them, or the operator says who', () => {
    const tenant = (id: string) => `provider: entra, tenant: ${id}`;
    const company = tenant('7f3c7b1a-1b7c-4c43-9d0a-0d5a3b1f2c11');
    const cases: readonly (readonly [string, string, 'just-in-time' | 'invited'])[] = [
      ['provider: github', '', 'just-in-time'],
      ['provider: github', 'listen: { host: 0.0.0.0 }\n', 'invited'],
      ['provider: github', elsewhere, 'invited'],
      ['provider: google', elsewhere, 'invited'],
      ['provider: atlassian', elsewhere, 'invited'],
      ['provider: auth0, domain: example.eu.auth0.com', elsewhere, 'invited'],
      [tenant('9188040d-6c67-4c5b-b112-36a304b66dad'), elsewhere, 'invited'],
      [company, elsewhere, 'just-in-time'],
      ['provider: okta, domain: example.okta.com', elsewhere, 'just-in-time'],
      ['provider: oidc, issuer: https://login.example.com', elsewhere, 'invited'],
      ['provider: github, url: https://github.example.com', elsewhere, 'just-in-time'],
      // These only look like a house of one's own.
      ['provider: github, url: https://github.com', elsewhere, 'invited'],
      ['provider: entra, tenant: common', elsewhere, 'invited'],
      ['provider: entra, tenant: organizations', elsewhere, 'invited'],
      ['provider: entra, tenant: consumers', elsewhere, 'invited'],
      ['provider: github, deny: { emails: [eve@example.com] }', elsewhere, 'invited'],
      ['provider: github, allow: { organizations: [acme] }', elsewhere, 'just-in-time'],
      ['provider: github, allow: { organizations: [acme] }, accounts: invited', elsewhere, 'invited'],
      ['provider: github, accounts: just-in-time', elsewhere, 'just-in-time'],
      [`${company}, accounts: invited`, '', 'invited'],
    ];
    for (const [given, before, accounts] of cases)
      assert.equal(peopleOf(given, before).accounts, accounts, before + given);
  });

  test('are named in one spelling', () => {
    const rule = 'emails: [Ada@Example.COM], emailDomains: [EXÄMPLE.com]';
    assert.deepEqual(peopleOf(`provider: google, allow: { ${rule} }, linkByVerifiedEmail: true`), {
      accounts: 'just-in-time',
      linkByVerifiedEmail: true,
      allow: { emails: ['ada@example.com'], emailDomains: ['xn--exmple-cua.com'] },
    });
  });

  test('have groups from the claim of that name, unless another is written', () => {
    const claimOf = (given: string) => {
      const [way] = load(`signIn: [{ provider: okta, domain: example.okta.com, ${given}${app} }]`);
      return way !== undefined && 'groupsClaim' in way ? way.groupsClaim : undefined;
    };
    assert.equal(claimOf(''), undefined);
    assert.equal(claimOf('operators: { groups: [admins] }, '), 'groups');
    assert.equal(claimOf('operators: { groups: [admins] }, groupsClaim: roles, '), 'roles');
  });

  test('are not named by what the provider never says, or by what is no name', () => {
    const at = (rules: string) =>
      problemsOf(`signIn:\n- provider: github\n  ${rules}\n  clientId: a\n  clientSecret: b`);
    assert.deepEqual(at('allow: { groups: [admins] }'), [
      '3:3: signIn[0].allow names groups, of which GitHub says nothing. Write organizations or emailDomains in their place.',
    ]);
    assert.deepEqual(at('deny: {}'), [
      '3:3: signIn[0].deny is there but says nothing. Name somebody, or leave the key out.',
    ]);
    assert.deepEqual(at("allow: { emailDomains: ['*.example.com'] }"), [
      '3:27: signIn[0].allow.emailDomains[0] is no domain of e-mail addresses. Write, for example: emailDomains: [example.com]',
    ]);
    assert.equal(at('allow: { emails: [] }').length, 1);
    assert.equal(at('allow: { emails: [nobody] }').length, 1);
    assert.equal(at('operators: { emailDomains: [example.com] }').length, 1);
    const okta =
      'signIn: [{ provider: okta, domain: example.okta.com, allow: { organizations: [a] }, clientId: a, clientSecret: b }]';
    assert.match(problemsOf(okta).join(), /allow names organizations, of which Okta says nothing/);
  });
});

describe('endsWithProvider', () => {
  test('is off unless it is written', () => {
    const [on, off] = load(
      `signIn: [{ provider: okta, domain: example.okta.com, endsWithProvider: true, ${app} }, { provider: google, ${app} }]`,
    );
    assert.ok(on !== undefined && 'endsWithProvider' in on && on.endsWithProvider);
    assert.ok(off !== undefined && !('endsWithProvider' in off));
  });

  test('is refused where it could never end anything', () => {
    const problems = (entry: string) =>
      problemsOf(`signIn: [{ ${entry}, endsWithProvider: true, clientSecret: def }]`).join('\n');
    const kept = 'provider: google, clientId: abc';
    assert.equal(problems(kept), '');
    assert.match(problems(`${kept}, storeTokens: false`), /can never end anything beside storeTokens: false/);
    assert.match(
      problems('provider: github, clientId: Ov23liexample'),
      /needs a GitHub App that expires user tokens/,
    );
    assert.equal(problems('provider: github, clientId: Iv23liexample'), '');
    const atlassian = 'provider: atlassian, clientId: abc';
    assert.equal(problems(atlassian), '');
    assert.match(problems(`${atlassian}, scopes: [read:me]`), /needs a refresh token/);
    assert.match(problems('provider: atlassian, client_id: abc, scope: read:me'), /needs a refresh token/);
    assert.equal(problems(`${atlassian}, scopes: [read:me, offline_access]`), '');
  });
});
