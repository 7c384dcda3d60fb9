// The configuration: what is read from where, and the sentence for everything that cannot be meant.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ConfigInvalid, configJsonSchema, loadConfig, reservedWords } from '../src/config/index.ts';
import type { Config } from '../src/config/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const empty = join(folder, 'nothing-here');

interface Given {
  readonly yaml?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly profile?: string;
}

function load({ yaml, environment = {}, profile }: Given): Config {
  if (yaml === undefined) return loadConfig({ environment, cwd: empty, profile });
  writeFileSync(join(folder, 'sallyport.yaml'), yaml);
  return loadConfig({ environment, cwd: folder, profile });
}

/** Every problem, as its line. */
function problemsOf(given: Given): string[] {
  try {
    load(given);
  } catch (error) {
    assert.ok(error instanceof ConfigInvalid, String(error));
    return error.message.split('\n');
  }
  return [];
}

describe('without a file', () => {
  test('the embedded defaults are a whole configuration', () => {
    assert.deepEqual(load({}), {
      publicUrl: 'http://localhost:8000',
      listen: { host: 'localhost', port: 8000, stopDelaySeconds: 0 },
      allowedOrigins: [],
      trustedProxies: [],
      data: join(empty, 'data'),
      secretsFile: join(empty, 'data', 'secrets.json'),
      storage: { url: `sqlite:${join(empty, 'data', 'sallyport.db')}`, poolSize: 10 },
      tokens: {
        access: { format: 'jwt', lifetimeSeconds: 3600 },
        refresh: { lifetimeSeconds: 2_592_000, graceSeconds: 300 },
        codeLifetimeSeconds: 600,
        personal: { enabled: true, maxLifetimeDays: 365 },
      },
      registration: {
        mode: 'open',
        privateUseSchemes: 'allow',
        metadataDocuments: { allowLoopbackForDevelopment: false, pinnedCopies: false },
      },
      clients: [],
      rateLimits: {
        enabled: true,
        registrationsPerMinute: 60,
        authorizationsPerMinute: 300,
        tokenRequestsPerMinute: 3000,
        refusalsPerMinute: 600,
      },
      signIn: [{ provider: 'password', signUp: true }],
      servers: [{ name: 'records', title: 'Records', path: '/mcp', toolset: 'records', default: true }],
      resources: [],
      vault: { refreshBeforeSeconds: 300 },
      look: { name: 'Sallyport' },
      log: { level: 'warn', calls: true, people: ['provider', 'name', 'email'] },
      admin: {},
      metrics: {},
    });
  });

  test('the public URL follows the port, and leaves the default port out', () => {
    assert.equal(load({ environment: { SALLYPORT_LISTEN_PORT: '9000' } }).publicUrl, 'http://localhost:9000');
    assert.equal(load({ environment: { SALLYPORT_LISTEN_PORT: '80' } }).publicUrl, 'http://localhost');
  });

  test('a file that was asked for must be there', () => {
    assert.throws(
      () => loadConfig({ file: 'missing.yaml', environment: {}, cwd: folder }),
      /^ConfigInvalid: The configuration file missing\.yaml does not exist\. Check the path after --config/,
    );
    assert.throws(
      () => loadConfig({ environment: { SALLYPORT_CONFIG: 'missing.yaml' }, cwd: folder }),
      /missing\.yaml does not exist/,
    );
    assert.throws(() => loadConfig({ file: '.', environment: {}, cwd: folder }), /is a folder/);
  });
});

describe('signing up is closed unless only this machine can reach the server', () => {
  const rows: readonly (readonly [string, Given, boolean])[] = [
    ['nothing said', {}, true],
    ['a loopback address', { environment: { SALLYPORT_PUBLIC_URL: 'http://127.0.0.1:8000' } }, true],
    ['a public https address', { environment: { SALLYPORT_PUBLIC_URL: 'https://mcp.example.com' } }, false],
    ['https on localhost', { environment: { SALLYPORT_PUBLIC_URL: 'https://localhost:8443' } }, false],
    ['listening on every network', { environment: { SALLYPORT_LISTEN_HOST: '0.0.0.0' } }, false],
    [
      'the operator said so',
      { yaml: 'publicUrl: https://mcp.example.com\nsignIn: [{ provider: password, signUp: true }]' },
      true,
    ],
    ['the operator said no', { yaml: 'signIn: [{ provider: password, signUp: false }]' }, false],
  ];
  for (const [name, given, signUp] of rows) {
    test(name, () => assert.deepEqual(load(given).signIn, [{ provider: 'password', signUp }]));
  }
});

describe('layers', () => {
  const yaml = [
    'publicUrl: https://mcp.example.com',
    'data: ./kept',
    'listen: { host: 127.0.0.1, port: 8001 }',
    'trustedProxies: [10.0.0.0/8]',
    'profiles:',
    '  staging:',
    '    publicUrl: https://staging.example.com',
    '    listen: { port: 8002 }',
    '    trustedProxies: []',
    '  production:',
    '    look: { name: "${NEVER_SET_HERE}" }',
  ].join('\n');

  test('the file is read, its paths from its own folder', () => {
    const config = load({ yaml });
    assert.equal(config.publicUrl, 'https://mcp.example.com');
    assert.equal(config.data, join(folder, 'kept'));
    assert.equal(config.file, join(folder, 'sallyport.yaml'));
  });

  test('a profile changes what it names: maps key by key, lists as a whole', () => {
    const config = load({ yaml, profile: 'staging' });
    assert.equal(config.publicUrl, 'https://staging.example.com');
    assert.deepEqual(config.listen, { host: '127.0.0.1', port: 8002, stopDelaySeconds: 0 });
    assert.deepEqual(config.trustedProxies, []);
  });

  test('SALLYPORT_PROFILE chooses too, and --profile wins over it', () => {
    const environment = { SALLYPORT_PROFILE: 'staging' };
    assert.equal(load({ yaml, environment }).publicUrl, 'https://staging.example.com');
    assert.deepEqual(problemsOf({ yaml, environment, profile: 'production' }), [
      'sallyport.yaml:11:13: look.name needs the environment variable NEVER_SET_HERE, which is not set. Set it before starting: export NEVER_SET_HERE=…',
    ]);
  });

  test('an unknown profile is refused with the known ones', () => {
    assert.deepEqual(problemsOf({ yaml, profile: 'prod' }), [
      'profiles has no profile "prod". Choose one of: staging, production.',
    ]);
    assert.deepEqual(problemsOf({ yaml: 'data: x', profile: 'prod' }), [
      'profiles has no profile "prod". Add it under `profiles:`, or leave --profile and SALLYPORT_PROFILE out.',
    ]);
  });

  test('the environment wins over profile and file', () => {
    const environment = {
      SALLYPORT_PUBLIC_URL: 'https://other.example.com',
      SALLYPORT_TOKENS_ACCESS_LIFETIME_SECONDS: '120',
      SALLYPORT_TRUSTED_PROXIES: '192.0.2.1, 2001:db8::/32',
      SALLYPORT_LOOK_NAME: '',
    };
    const config = load({ yaml, environment, profile: 'staging' });
    assert.equal(config.publicUrl, 'https://other.example.com');
    assert.equal(config.tokens.access.lifetimeSeconds, 120);
    assert.deepEqual(config.trustedProxies, ['192.0.2.1', '2001:db8::/32']);
    assert.equal(config.look.name, 'Sallyport', 'an empty variable counts as not set');
  });

  test('a path from the environment starts at the working folder', () => {
    writeFileSync(join(folder, 'elsewhere.yaml'), 'data: ./kept');
    const environment = { SALLYPORT_DATA: 'mine' };
    assert.equal(
      loadConfig({ file: '../elsewhere.yaml', environment, cwd: empty }).data,
      join(empty, 'mine'),
    );
    assert.equal(
      loadConfig({ file: '../elsewhere.yaml', environment: {}, cwd: empty }).data,
      join(folder, 'kept'),
    );
  });
});

describe('${VAR}', () => {
  test('is replaced, and takes the type of its key', () => {
    const config = load({
      yaml: 'listen: { port: "${MY_PORT}" }\nlook: { name: "The ${WHO} gate" }\nsignIn: [{ provider: password, signUp: "${OPEN}" }]',
      environment: { MY_PORT: '8123', WHO: 'west', OPEN: 'false' },
    });
    assert.equal(config.listen.port, 8123);
    assert.equal(config.look.name, 'The west gate');
    assert.deepEqual(config.signIn, [{ provider: 'password', signUp: false }]);
  });

  test('is not looked for in what a variable holds', () => {
    assert.equal(
      load({ yaml: 'look: { name: "${WHO}" }', environment: { WHO: '${HOME}' } }).look.name,
      '${HOME}',
    );
    assert.equal(load({ environment: { SALLYPORT_LOOK_NAME: '${HOME}' } }).look.name, '${HOME}');
  });

  test('is kept as text after $$', () => {
    assert.equal(load({ yaml: 'look: { name: "$${WHO}" }' }).look.name, '${WHO}');
  });

  test('is an error when it is unset, empty or malformed', () => {
    const yaml = 'data: ${NOWHERE}/x\nlisten:\n  port: ${EMPTY}\nlook: { name: "${a-b} ${c" }';
    assert.deepEqual(problemsOf({ yaml, environment: { EMPTY: '' } }), [
      'sallyport.yaml:1:1: data needs the environment variable NOWHERE, which is not set. Set it before starting: export NOWHERE=…',
      'sallyport.yaml:3:3: listen.port needs the environment variable EMPTY, which is empty. Set it before starting: export EMPTY=…',
      'sallyport.yaml:4:9: look.name has a "${" that names no variable. Write ${NAME}, or $${ for the characters themselves.',
      'sallyport.yaml:4:9: look.name has a "${" that names no variable. Write ${NAME}, or $${ for the characters themselves.',
    ]);
  });
});

/** One problem each: what is written, and the whole line that says what is wrong and what to write instead. */
const refused: readonly (readonly [yaml: string, line: string])[] = [
  [
    'publicUlr: https://mcp.example.com',
    '1:1: publicUlr is not a key that Sallyport knows. Did you mean `publicUrl`?',
  ],
  ['data: x\npublic_url: y', '2:1: public_url is not a key that Sallyport knows. Did you mean `publicUrl`?'],
  ['port: 8000', '1:1: port is not a key that Sallyport knows. Did you mean `listen.port`?'],
  ['listen:\n  hots: x', '2:3: listen.hots is not a key that Sallyport knows. Did you mean `host`?'],
  [
    'listen: { zzzzzz: 1 }',
    '1:11: listen.zzzzzz is not a key that Sallyport knows. Known keys here are: host, port, stopDelaySeconds.',
  ],
  [
    '__proto__: { x: 1 }',
    '1:1: __proto__ is not a key that Sallyport knows. Known keys here are: publicUrl, listen, trustedProxies, allowedOrigins, data, secretsFile, storage, tokens, registration, knownClients, clients, rateLimits, authorizationServer, signIn, servers, resources, vault, look, log, admin, metrics, profiles.',
  ],
  [
    'profiles: { dev: { lok: { name: x } } }',
    '1:20: profiles.dev.lok is not a key that Sallyport knows. Did you mean `look`?',
  ],
  [
    'profiles: [dev]',
    '1:1: profiles must be a map of profile names. Write, for example: profiles: { production: { publicUrl: https://mcp.example.com } }',
  ],

  [
    'publicUrl: http://mcp.example.com',
    '1:1: publicUrl is a public address on plain http, where passwords and tokens could be read on the way. Write: publicUrl: https://mcp.example.com and put a proxy that ends TLS in front. Only localhost may be http.',
  ],
  [
    'publicUrl: http://192.168.1.20:8000',
    '1:1: publicUrl is a public address on plain http, where passwords and tokens could be read on the way. Write: publicUrl: https://192.168.1.20:8000 and put a proxy that ends TLS in front. Only localhost may be http.',
  ],
  [
    'publicUrl: http://localhost.example.com',
    '1:1: publicUrl is a public address on plain http, where passwords and tokens could be read on the way. Write: publicUrl: https://localhost.example.com and put a proxy that ends TLS in front. Only localhost may be http.',
  ],
  [
    'publicUrl: mcp.example.com',
    '1:1: publicUrl is not an http(s) URL. Write, for example: publicUrl: https://mcp.example.com',
  ],
  [
    'publicUrl: ftp://mcp.example.com',
    '1:1: publicUrl is not an http(s) URL. Write, for example: publicUrl: https://mcp.example.com',
  ],
  [
    'publicUrl: https://mcp.example.com/',
    '1:1: publicUrl ends with a slash. Write exactly: publicUrl: https://mcp.example.com (clients compare it character by character)',
  ],
  [
    'publicUrl: https://MCP.example.com:443',
    '1:1: publicUrl is not written in its one exact form. Write exactly: publicUrl: https://mcp.example.com (clients compare it character by character)',
  ],
  [
    'publicUrl: https://mcp.example.com/gate',
    '1:1: publicUrl has a path; Sallyport must have a host name of its own. Write: publicUrl: https://mcp.example.com (the MCP URL is then https://mcp.example.com/mcp)',
  ],
  [
    'publicUrl: "https://mcp.example.com/?"',
    '1:1: publicUrl has a query or a fragment. Write: publicUrl: https://mcp.example.com',
  ],
  [
    'publicUrl: "https://mcp.example.com#x"',
    '1:1: publicUrl has a query or a fragment. Write: publicUrl: https://mcp.example.com',
  ],
  [
    'publicUrl: https://ada:pw@mcp.example.com',
    '1:1: publicUrl contains a user name or a password. Write: publicUrl: https://mcp.example.com',
  ],
  [
    'publicUrl:',
    '1:1: publicUrl has no value. Write, for example: publicUrl: https://mcp.example.com, or remove the line.',
  ],

  ['listen: 8000', '1:1: listen must be a map of keys. See: sallyport schema'],
  ['listen: { port: eight }', '1:11: listen.port must be a whole number. Write, for example: port: 8000'],
  ['listen: { port: 0 }', '1:11: listen.port is 0, but must be at least 1. Write, for example: port: 8000'],
  [
    'listen: { port: 70000 }',
    '1:11: listen.port is 70000, but must be at most 65535. Write, for example: port: 8000',
  ],
  [
    'listen: { host: "localhost:8000" }',
    '1:11: listen.host is neither a host name nor an IP address. Write: host: localhost (this machine only) or host: 0.0.0.0 (every network); no port, no brackets.',
  ],

  [
    'trustedProxies: 10.0.0.0/8',
    '1:1: trustedProxies must be a list. Write, for example: trustedProxies: ["10.0.0.0/8"]',
  ],
  [
    'trustedProxies: [10.0.0.0/33]',
    '1:18: trustedProxies[0] is neither an IP address nor a CIDR network. Write, for example: 10.0.0.0/8',
  ],
  [
    'trustedProxies: [proxy.example.com]',
    '1:18: trustedProxies[0] is neither an IP address nor a CIDR network. Write, for example: 10.0.0.0/8',
  ],
  [
    'trustedProxies: ["::/0"]',
    "1:18: trustedProxies[0] would believe every address in the world. List only your own proxies' networks, for example: 10.0.0.0/8",
  ],

  [
    'storage: { url: "postgres:u:hidden@db/x" }',
    '1:12: storage.url is not a storage that this version knows. Write: url: sqlite:sallyport.db (a file in the data folder), or postgres://user:password@host:5432/database.',
  ],
  [
    'storage: { url: "mysql://u:hidden@db/x" }',
    '1:12: storage.url is not a storage that this version knows. Write: url: sqlite:sallyport.db (a file in the data folder), or postgres://user:password@host:5432/database.',
  ],
  [
    'storage: { ephemeral: "redis://:hidden@cache/?enableOfflineQueue=true" }',
    '1:12: storage.ephemeral is not the URL of a Redis. Write: ephemeral: redis://localhost:6379, or rediss:// for TLS; user, password and the number of a database may be given: redis://user:password@host:6379/0. Nothing behind a question mark.',
  ],

  [
    'tokens: { access: { lifetimeSeconds: 30 } }',
    '1:21: tokens.access.lifetimeSeconds is 30, but must be at least 60. Write, for example: lifetimeSeconds: 3600',
  ],
  [
    'tokens: { access: { lifetimeSeconds: 1.5 } }',
    '1:21: tokens.access.lifetimeSeconds must be a whole number. Write, for example: lifetimeSeconds: 3600',
  ],
  [
    'tokens: { access: { lifetimeSeconds: 86401 }, refresh: { lifetimeSeconds: 86401 } }',
    '1:21: tokens.access.lifetimeSeconds is longer than a day, and a JWT is believed elsewhere until it expires. Write at most: lifetimeSeconds: 86400, or write: format: opaque',
  ],
  [
    'allowedOrigins: ["https://inspector.example.com/"]',
    '1:18: allowedOrigins[0] is not the origin of a web page. Write scheme, host and port only, for example: https://inspector.example.com',
  ],
  [
    "tokens: { access: { privateKeyFile: '' } }",
    '1:21: tokens.access.privateKeyFile names no file. Write the path of a file, or leave it out.',
  ],
  ["secretsFile: ''", '1:1: secretsFile names no file. Write the path of a file, or leave it out.'],
  [
    'tokens: { access: { alg: none } }',
    '1:21: tokens.access.alg must be one of ES256, EdDSA, RS256. Write: alg: ES256',
  ],
  [
    'tokens: { refresh: { graceSeconds: 4000 } }',
    '1:22: tokens.refresh.graceSeconds is 4000, but must be at most 3600. Write, for example: graceSeconds: 300',
  ],
  [
    'tokens: { codeLifetimeSeconds: 601 }',
    '1:11: tokens.codeLifetimeSeconds is 601, but must be at most 600. Write, for example: codeLifetimeSeconds: 600',
  ],
  [
    'tokens: { access: { lifetimeSeconds: 7200 }, refresh: { lifetimeSeconds: 3600 } }',
    '1:57: tokens.refresh.lifetimeSeconds is shorter than the life of an access token, so nothing could ever be refreshed. Write at least: lifetimeSeconds: 7200',
  ],

  [
    'registration: { mode: metadata-documents }',
    '1:1: registration.metadataDocuments.allowedHosts is missing, and mode metadata-documents lets in the clients of these hosts only. Write, for example: allowedHosts: [claude.ai, chatgpt.com]',
  ],
  [
    'registration: { mode: metadata-documents, metadataDocuments: { enabled: false } }',
    '1:64: registration.metadataDocuments.enabled is false, while mode metadata-documents lets in nobody else. Remove the line, or write: mode: token, or mode: closed',
  ],
  [
    'registration: { mode: closed, accessToken: 0123456789abcdef }',
    '1:31: registration.accessToken lets clients register, while mode closed lets nobody. Remove it, or write: mode: token',
  ],
  [
    'registration: { accessToken: short }',
    '1:17: registration.accessToken must be at least 16 characters that a bearer token may have: letters, digits and -._~+/. Make one with, for example: openssl rand -hex 32',
  ],
  [
    'registration: { metadataDocuments: { allowedHosts: ["https://claude.ai/"] } }',
    '1:53: registration.metadataDocuments.allowedHosts[0] is no host name in lower case, without scheme, port and path. Write, for example: claude.ai',
  ],
  [
    'registration: { metadataDocuments: { allowedHosts: [Claude.AI] } }',
    '1:53: registration.metadataDocuments.allowedHosts[0] is no host name in lower case, without scheme, port and path. Write, for example: claude.ai',
  ],
  [
    'publicUrl: https://mcp.example.com\nregistration: { metadataDocuments: { allowLoopbackForDevelopment: true } }',
    '2:38: registration.metadataDocuments.allowLoopbackForDevelopment is true while publicUrl is not this machine, so strangers could have it read what is served inside. Remove the line.',
  ],
  [
    'registration: { mode: ajar }',
    '1:17: registration.mode must be one of open, token, metadata-documents, approval, closed. Write: mode: open',
  ],

  ['signIn: []', '1:1: signIn is an empty list. Add or remove entries, or leave the key out.'],
  [
    'signIn: [{ provider: password }, { provider: password }]',
    '1:36: signIn[1].provider is password a second time. Write each provider once.',
  ],
  [
    'signIn: [{ signUp: true }]',
    '1:10: signIn[0].provider is missing. Write, for example: provider: password',
  ],
  [
    'signIn: [{ provider: password, signUp: "yes" }]',
    '1:32: signIn[0].signUp must be true or false. Write, for example: signUp: false',
  ],

  [
    'servers: [{ name: Records, toolset: records }]',
    '1:13: servers[0].name must be lower-case letters, digits and single hyphens between them. Write, for example: name: records',
  ],
  [
    'servers: [{ name: oauth, toolset: records }]',
    '1:13: servers[0].name is "oauth", a word that Sallyport\'s own paths use. Choose another name, for example: name: my-oauth',
  ],
  [
    'servers: [{ name: a, toolset: records, path: /api }]',
    '1:40: servers[0].path must be /mcp or /mcp/<name>. Write: path: /mcp, or leave it out for /mcp/<name>.',
  ],
  [
    'servers: [{ name: a, toolset: records, path: /mcp/b }]',
    '1:40: servers[0].path names another server than its own. Write: path: /mcp/a',
  ],
  [
    'servers: [{ name: a, toolset: records }, { name: a, toolset: records, path: /mcp }]',
    '1:44: servers[1].name is "a", as is servers[0].name. Give every server a name of its own.',
  ],
  [
    'servers: [{ name: a, toolset: records, path: /mcp }, { name: b, toolset: records, path: /mcp }]',
    '1:83: servers[1].path is /mcp, where servers[0] answers already. Write: path: /mcp/b',
  ],
  [
    'servers: [{ name: a, toolset: records, default: true }, { name: b, toolset: records, default: true }]',
    '1:86: servers[1].default is true, as is servers[0].default. Let at most one server be the default.',
  ],
  [
    'servers:\n  - name: linear\n    url: https://mcp.example.com/mcp\n    credential: connection',
    '3:5: servers[0].url is not supported by this version. Use: toolset: records',
  ],
  [
    'servers: [{ name: sales, toolset: sql }]',
    '1:26: servers[0].toolset is "sql", which this version does not support yet. Write: toolset: records',
  ],
  [
    'resources: [{ name: notes, resource: "http://notes.example.com/mcp", scopes: { read: r } }]',
    '1:28: resources[0].resource is no https URL without user name and fragment (http is for this machine only). Write, for example: resource: https://notes.example.com/mcp',
  ],
  [
    'resources: [{ name: notes, resource: "HTTPS://notes.example.com/mcp", scopes: { read: r } }]',
    '1:28: resources[0].resource is not written in its one exact form. Write exactly: resource: https://notes.example.com/mcp (tokens name it character by character)',
  ],
  [
    'resources: [{ name: notes, resource: "https://notes.example.com/mcp" }]',
    '1:13: resources[0].scopes is missing. Write, for example: scopes: {"read":"read your notes"}',
  ],
  [
    'resources: [{ name: notes, resource: "https://notes.example.com/mcp", scopes: {} }]',
    '1:71: resources[0].scopes is empty. Write, for example: scopes: { read: read your notes }',
  ],
  [
    'resources: [{ name: notes, resource: "https://notes.example.com/mcp", scopes: { "a b": r } }]',
    '1:81: resources[0].scopes.a b is no name of a scope. Use letters, digits and marks without spaces, for example: read',
  ],
  [
    'resources: [{ name: notes, resource: "https://notes.example.com/mcp", scopes: { offline_access: r } }]',
    '1:81: resources[0].scopes.offline_access is granted by the server itself. Remove the line.',
  ],
  [
    'resources: [{ name: notes, resource: "https://notes.example.com/mcp", scopes: { read: "" } }]',
    '1:81: resources[0].scopes.read must be 1 to 120 characters without spaces around it or control characters. Write a short name, as people should read it.',
  ],
  [
    'resources: [{ name: notes, resource: "https://notes.example.com/mcp", scopes: { read: r }, defaultScopes: [write] }]',
    '1:92: resources[0].defaultScopes names "write", which is not among its scopes. Write, for example: defaultScopes: [read]',
  ],
  [
    'resources: [{ name: notes, resource: "https://notes.example.com/mcp", scopes: { read: r, write: { description: w, includes: [raed] } } }]',
    '1:115: resources[0].scopes.write.includes names "raed", which is not among its scopes. Did you mean `read`?',
  ],
  [
    'resources: [{ name: notes, resource: "https://notes.example.com/mcp", scopes: { a: { description: a, includes: [b] }, b: { description: b, includes: [a] } } }]',
    '1:102: resources[0].scopes.a.includes leads back to this scope. Let only the broader scope include the other.',
  ],
  [
    'resources: [{ name: notes, resource: "https://notes.example.com/mcp", scopes: { read: { description: r, inclueds: [read] } } }]',
    '1:105: resources[0].scopes.read.inclueds is not a key that Sallyport knows. Did you mean `includes`?',
  ],
  [
    'resources: [{ name: notes, resource: "https://notes.example.com/mcp", scopes: { read: 5 } }]',
    '1:81: resources[0].scopes.read must be a text. Write, for example: read: read your notes',
  ],
  [
    'servers: [{ name: notes, toolset: records, scopeAliases: { "mcp:tools": [read, wirte] } }]',
    '1:60: servers[0].scopeAliases.mcp:tools names "wirte", which is not among its scopes. Did you mean `write`?',
  ],
  [
    'servers: [{ name: notes, toolset: records, scopeAliases: { read: [write] } }]',
    '1:60: servers[0].scopeAliases.read is a scope of this server already. Remove the line.',
  ],
  [
    'servers: [{ name: notes, toolset: records, scopeAliases: { "a b": [read] } }]',
    '1:60: servers[0].scopeAliases.a b is no name of a scope. Use letters, digits and marks without spaces, for example: mcp:tools',
  ],
  [
    'servers: [{ name: notes, toolset: records, scopeAliases: { offline_access: [read] } }]',
    '1:60: servers[0].scopeAliases.offline_access is granted by the server itself. Remove the line.',
  ],
  [
    'servers: [{ name: notes, toolset: records, scopeAliases: { all: [] } }]',
    '1:60: servers[0].scopeAliases.all is an empty list. Add or remove entries, or leave the key out.',
  ],
  [
    'resources: [{ name: notes, resource: "https://notes.example.com/mcp", scopes: { read: r }, scopeAliases: { all: [write] } }]',
    '1:108: resources[0].scopeAliases.all names "write", which is not among its scopes. Known scopes here are: read.',
  ],
  [
    'servers: [{ name: notes, toolset: records }]\nresources: [{ name: notes, resource: "https://notes.example.com/mcp", scopes: { read: r } }]',
    '2:15: resources[0].name is "notes", as is servers[0].name. Give it a name of its own.',
  ],
  [
    'publicUrl: https://mcp.example.com\nservers: [{ name: a, toolset: records }]\nresources: [{ name: b, resource: "https://mcp.example.com/mcp/a", scopes: { read: r } }]',
    '3:24: resources[0].resource is where servers[0] answers. Name each server once.',
  ],
  [
    'publicUrl: https://mcp.example.com\nresources: [{ name: notes, resource: "https://mcp.example.com/mcp/", scopes: { read: r } }]',
    '2:28: resources[0].resource is where the server answers that is there by default. Name each server once.',
  ],
  [
    'resources: [{ name: records, resource: "https://notes.example.com/mcp", scopes: { read: r } }]',
    '1:15: resources[0].name is "records", as is the name of the server that is there by default. Give it a name of its own.',
  ],
  ['servers: [{ name: sales }]', '1:11: servers[0].toolset is missing. Write, for example: toolset: records'],

  [
    'look: { name: " x" }',
    '1:9: look.name must be 1 to 60 characters without spaces around it or control characters. Write a short name, as people should read it.',
  ],
  [
    'look: { logo: "https://example.com/x.png" }',
    '1:9: look.logo is an address elsewhere, and the pages load nothing from other places. Save the picture beside this file, and write, for example: logo: ./logo.svg',
  ],
  [
    'look: { logo: "data:image/svg+xml,%E0%A4%A" }',
    '1:9: look.logo is a data: URL that cannot be read. Name the file in its place: logo: ./logo.svg',
  ],
  [
    'look: { logo: "data:image/png;base64,aGVsbG8=" }',
    '1:9: look.logo is no picture that every browser shows. Give an SVG, PNG, JPEG or WebP.',
  ],
  ['look: { logo: "" }', '1:9: look.logo names no file. Write, for example: logo: ./logo.svg'],
  [
    'look: { accent: red }',
    "1:9: look.accent must be a colour of six hexadecimal digits. Write, for example: accent: '#7a1fa2'",
  ],
  [
    'look:\n  accent: #7a1fa2',
    "2:3: look.accent has no value. Write, for example: accent: '#7a1fa2', or remove the line.",
  ],
  [
    'look: { colour: "#7a1fa2" }',
    '1:9: look.colour is not a key that Sallyport knows. Known keys here are: name, logo, accent.',
  ],
  [
    'metrics: { token: short }',
    '1:12: metrics.token must be at least 16 characters that a bearer token may have: letters, digits and -._~+/. Make one with, for example: openssl rand -hex 32',
  ],
  [
    'metrics: { token: "with a space, which no header can carry" }',
    '1:12: metrics.token must be at least 16 characters that a bearer token may have: letters, digits and -._~+/. Make one with, for example: openssl rand -hex 32',
  ],
  [
    'listen: { stopDelaySeconds: 301 }',
    '1:11: listen.stopDelaySeconds is 301, but must be at most 300. Write, for example: stopDelaySeconds: 10',
  ],
  ['log: { level: loud }', '1:8: log.level must be one of debug, info, warn, error. Write: level: debug'],

  [
    'data: a\ndata: b',
    '2:1: This is not valid YAML: Map keys must be unique. Correct the line; indent with spaces and write `key: value`.',
  ],
  [
    'look: { name: ${NAME} }',
    "1:16: This is not valid YAML: Unexpected flow-map-start at node end. Between braces, put the variable in quotes: { key: '${NAME}' }",
  ],
  [
    '- data',
    '1:1: The file must be a map of keys. Begin it, for example, with: publicUrl: https://mcp.example.com',
  ],
];

describe('what cannot be meant is refused, with its place and what to write instead', () => {
  for (const [yaml, line] of refused) {
    test(yaml.replaceAll('\n', ' ⏎ '), () => {
      assert.deepEqual(problemsOf({ yaml }), [`sallyport.yaml:${line}`]);
    });
  }

  test('every reserved word is refused as a server name', () => {
    for (const name of reservedWords) {
      assert.equal(problemsOf({ yaml: `servers: [{ name: ${name}, toolset: records }]` }).length, 1, name);
    }
  });

  test('all problems are reported at once, in the order of the file', () => {
    const yaml =
      'log: { level: loud }\nservers: [{ name: api, toolset: sql }]\npublicUrl: http://mcp.example.com\n';
    const lines = problemsOf({ yaml, environment: { SALLYPORT_LISTEN_PORT: 'x' } });
    assert.deepEqual(
      lines.map((line) => line.slice(0, 27)),
      [
        'SALLYPORT_LISTEN_PORT: list',
        'sallyport.yaml:1:8: log.lev',
        'sallyport.yaml:2:13: server',
        'sallyport.yaml:2:24: server',
        'sallyport.yaml:3:1: publicU',
      ],
    );
  });

  test('no value that may be secret is repeated', () => {
    const environment = {
      DB: 'mysql://u:hunter2@db/x',
      SALLYPORT_PUBLIC_URL: 'https://ada:hunter2@mcp.example.com',
    };
    const lines = problemsOf({ yaml: 'storage: { url: "${DB}" }\nlog: { level: "${DB}" }', environment });
    assert.equal(lines.length, 3);
    assert.ok(!lines.join('\n').includes('hunter2'));
  });

  test('a file larger than any configuration is not read', () => {
    assert.deepEqual(problemsOf({ yaml: `# ${'x'.repeat(1_048_576)}` }), [
      'The configuration file sallyport.yaml is larger than 1 MiB. Check that --config names the right file.',
    ]);
  });

  test('aliases that grow without end are refused', () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`,
    );
    assert.match(
      problemsOf({ yaml: `a0: &a0 [x]\n${levels.join('\n')}` }).join(),
      /aliases that grow beyond any use/,
    );
  });
});

describe('environment variables', () => {
  test('a wrong value names the variable and how to write it there', () => {
    assert.deepEqual(problemsOf({ environment: { SALLYPORT_LISTEN_PORT: 'eighty' } }), [
      'SALLYPORT_LISTEN_PORT: listen.port must be a whole number. Write, for example: SALLYPORT_LISTEN_PORT=8000',
    ]);
    assert.deepEqual(problemsOf({ environment: { SALLYPORT_PUBLIC_URL: 'http://mcp.example.com' } }), [
      'SALLYPORT_PUBLIC_URL: publicUrl is a public address on plain http, where passwords and tokens could be read on the way. Write: SALLYPORT_PUBLIC_URL=https://mcp.example.com and put a proxy that ends TLS in front. Only localhost may be http.',
    ]);
  });

  test('a slip in a name is refused with the name that was meant', () => {
    assert.deepEqual(problemsOf({ environment: { SALLYPORT_PUBLIC_ULR: 'https://mcp.example.com' } }), [
      'SALLYPORT_PUBLIC_ULR: is not a variable that Sallyport knows. Did you mean SALLYPORT_PUBLIC_URL?',
    ]);
  });

  test('a value may lie in a file that the variable with _FILE names, so that it is in no process listing', () => {
    const token = join(folder, 'token');
    writeFileSync(token, 'a-token-of-the-monitor\n');
    assert.equal(
      load({ environment: { SALLYPORT_METRICS_TOKEN_FILE: token } }).metrics.token,
      'a-token-of-the-monitor',
    );
    writeFileSync(token, '8123\r\n');
    assert.equal(load({ environment: { SALLYPORT_LISTEN_PORT_FILE: token } }).listen.port, 8123);
    // What it holds is taken as it is, as from the environment.
    writeFileSync(token, '${HOME}');
    assert.equal(load({ environment: { SALLYPORT_LOOK_NAME_FILE: token } }).look.name, '${HOME}');
    const cwd = join(folder, 'beside');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'name'), 'Beside');
    const environment = { SALLYPORT_LOOK_NAME: '', SALLYPORT_LOOK_NAME_FILE: 'name' };
    assert.equal(loadConfig({ environment, cwd }).look.name, 'Beside');
  });

  test('a file that says nothing, or says it a second time, is refused and never means the default', () => {
    const path = join(folder, 'value');
    const problem = (environment: Record<string, string>) => problemsOf({ environment }).join();
    const environment = { SALLYPORT_STORAGE_URL_FILE: path };
    assert.match(
      problem({ SALLYPORT_STORAGE_URL_FILE: join(folder, 'nowhere') }),
      /^SALLYPORT_STORAGE_URL_FILE: names \S+nowhere, which cannot be read \(ENOENT\)/,
    );
    assert.match(problem({ SALLYPORT_STORAGE_URL_FILE: folder }), /cannot be read \(EISDIR\)/);
    writeFileSync(path, '\n');
    assert.match(problem(environment), /which is empty\. Write the value into it/);
    writeFileSync(path, 'x'.repeat(70_000));
    assert.match(problem(environment), /larger than 64 KiB/);
    writeFileSync(path, 'sqlite:a.db');
    assert.match(
      problem({ ...environment, SALLYPORT_STORAGE_URL: 'sqlite:b.db' }),
      /^SALLYPORT_STORAGE_URL_FILE: is set, and so is SALLYPORT_STORAGE_URL\. Set one of them\.$/,
    );
    writeFileSync(path, 'mysql://root:hunter2@db/x');
    const [said = ''] = problemsOf({ environment });
    assert.match(
      said,
      /^SALLYPORT_STORAGE_URL_FILE: storage\.url is not a storage .* Write: sqlite:sallyport\.db/,
    );
    assert.doesNotMatch(said, /hunter2|SALLYPORT_STORAGE_URL_FILE=/);
  });

  test('what a platform puts there is let alone', () => {
    const environment = {
      SALLYPORT_PORT: 'tcp://10.0.0.7:8000',
      SALLYPORT_PORT_8000_TCP_ADDR: '10.0.0.7',
      SALLYPORT_SERVICE_HOST: '10.0.0.7',
      PORT: '3000',
    };
    assert.equal(load({ environment }).listen.port, 8000);
  });
});

describe('servers', () => {
  test('an only server is the default; of several, none is unless one says so', () => {
    const [only] = load({ yaml: 'servers: [{ name: notes, toolset: records }]' }).servers;
    assert.deepEqual(only, {
      name: 'notes',
      title: 'Notes',
      path: '/mcp/notes',
      toolset: 'records',
      default: true,
    });
    const two = load({
      yaml: 'servers: [{ name: a, toolset: records }, { name: b, toolset: records, title: Bee }]',
    });
    assert.deepEqual(
      two.servers.map((server) => [server.title, server.default]),
      [
        ['A', false],
        ['Bee', false],
      ],
    );
  });
});

describe('the JSON schema', () => {
  interface Schema {
    readonly additionalProperties?: unknown;
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly description?: string;
  }
  const schema = configJsonSchema() as Schema;

  test('knows the keys that are enforced, and no others', () => {
    assert.equal(schema.additionalProperties, false);
    assert.deepEqual(Object.keys(schema.properties ?? {}).toSorted(), [
      'admin',
      'allowedOrigins',
      'authorizationServer',
      'clients',
      'data',
      'knownClients',
      'listen',
      'log',
      'look',
      'metrics',
      'profiles',
      'publicUrl',
      'rateLimits',
      'registration',
      'resources',
      'secretsFile',
      'servers',
      'signIn',
      'storage',
      'tokens',
      'trustedProxies',
      'vault',
    ]);
  });

  test('lets a number come from a variable, and keeps its description', () => {
    const port = schema.properties?.['listen']?.properties?.['port'];
    assert.match(port?.description ?? '', /^Port to listen on/);
    assert.match(JSON.stringify(port), /"maximum":65535/);
    assert.match(JSON.stringify(port), /"type":"string"/);
  });
});

describe('storage.ephemeral', () => {
  test('is a Redis, from the file or the environment; without it there is none', () => {
    assert.ok(!('ephemeral' in load({}).storage));
    const url = 'rediss://user:p%40ss@redis.example.com:6380/2';
    assert.equal(load({ yaml: `storage: { ephemeral: "${url}" }` }).storage.ephemeral, url);
    const environment = { SALLYPORT_STORAGE_EPHEMERAL: 'redis://[::1]' };
    assert.equal(load({ environment }).storage.ephemeral, 'redis://[::1]');
  });

  for (const url of [
    'redis:',
    'redis:///0',
    'http://redis:6379',
    'redis://hidden@redis:6379/zero',
    'redis://:hid%den@redis',
    'redis://:hidden@redis:70000',
    'redis://:hidden@redis#0',
    'redis:6379',
  ]) {
    test(`is not ${url}, which is not repeated`, () => {
      const [problem, ...others] = problemsOf({ environment: { SALLYPORT_STORAGE_EPHEMERAL: url } });
      assert.deepEqual(others, []);
      assert.match(problem ?? '', /^SALLYPORT_STORAGE_EPHEMERAL: .*is not the URL of a Redis/);
      assert.doesNotMatch(problem ?? '', /hidden|hid%den/);
    });
  }
});

describe('the keys of a deployment', () => {
  test('are in the data folder, or where the configuration says: beside the file, or below the current folder', () => {
    const { secretsFile } = load({ yaml: 'secretsFile: keys/secrets.json' });
    assert.equal(secretsFile, join(folder, 'keys', 'secrets.json'));
    const environment = { SALLYPORT_SECRETS_FILE: 'mine.json' };
    assert.equal(load({ environment }).secretsFile, join(empty, 'mine.json'));
    assert.equal(load({ yaml: 'data: elsewhere' }).secretsFile, join(folder, 'elsewhere', 'secrets.json'));
  });

  test('may bring a private key along: the file of the configuration, then the path, then the PEM of the environment', () => {
    const pem = String.raw`-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----`;
    const environment = { OAUTH_PRIVATE_KEY_PATH: 'two.pem', OAUTH_PRIVATE_KEY_PEM: pem };
    const keyOf = (given: Parameters<typeof load>[0]) => load(given).tokens.access.privateKey;
    const yaml = 'tokens: { access: { privateKeyFile: one.pem } }';
    assert.deepEqual(keyOf({ yaml, environment }), {
      from: join(folder, 'one.pem'),
      file: join(folder, 'one.pem'),
    });
    assert.deepEqual(
      keyOf({ environment: { SALLYPORT_TOKENS_ACCESS_PRIVATE_KEY_FILE: 'three.pem', ...environment } }),
      {
        from: join(empty, 'three.pem'),
        file: join(empty, 'three.pem'),
      },
    );
    assert.deepEqual(keyOf({ environment }), { from: join(empty, 'two.pem'), file: join(empty, 'two.pem') });
    assert.deepEqual(keyOf({ environment: { OAUTH_PRIVATE_KEY_PATH: '', OAUTH_PRIVATE_KEY_PEM: pem } }), {
      from: 'OAUTH_PRIVATE_KEY_PEM',
      pem: '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----',
    });
    assert.equal(keyOf({ environment: { OAUTH_PRIVATE_KEY_PEM: '' } }), undefined);
  });

  test('sign with what is configured, and with what the newest key is for when nothing is', () => {
    assert.equal(load({}).tokens.access.alg, undefined);
    for (const alg of ['ES256', 'EdDSA', 'RS256'])
      assert.equal(load({ yaml: `tokens: { access: { alg: ${alg} } }` }).tokens.access.alg, alg);
  });
});

describe('variables of the Trilix server', () => {
  const environment = {
    OAUTH_ISSUER: 'https://mcp.example.com/',
    OAUTH_DATABASE_URL: 'postgres://db.example.com/oauth',
    OAUTH_ACCESS_TOKEN_TTL: '1h30m',
    OAUTH_REFRESH_TOKEN_TTL: '720h',
    OAUTH_AUTH_CODE_TTL: '90s',
  };

  test('mean what they meant there', () => {
    const { publicUrl, storage, tokens } = load({ environment });
    assert.equal(publicUrl, 'https://mcp.example.com');
    assert.equal(storage.url, 'postgres://db.example.com/oauth');
    assert.equal(tokens.access.lifetimeSeconds, 5400);
    assert.equal(tokens.refresh.lifetimeSeconds, 2_592_000);
    assert.equal(tokens.codeLifetimeSeconds, 90);
  });

  test('give way to the file, to a profile of it and to variables of our own', () => {
    const yaml =
      'publicUrl: "https://${HOST}"\nprofiles: { short: { tokens: { codeLifetimeSeconds: 60 } } }\n';
    const own = { HOST: 'own.example.com', SALLYPORT_TOKENS_ACCESS_LIFETIME_SECONDS: '600' };
    const { publicUrl, tokens } = load({ yaml, profile: 'short', environment: { ...environment, ...own } });
    assert.equal(publicUrl, 'https://own.example.com');
    assert.equal(tokens.codeLifetimeSeconds, 60);
    assert.equal(tokens.access.lifetimeSeconds, 600);
    assert.equal(tokens.refresh.lifetimeSeconds, 2_592_000);
  });

  test('are not judged where the file says the same', () => {
    const wrong = { OAUTH_DCR_MODE: 'closed', OAUTH_AUTH_CODE_TTL: 'soon' };
    const yaml =
      'registration: { mode: approval }\nprofiles: { one: { tokens: { codeLifetimeSeconds: 60 } } }\n';
    assert.equal(load({ yaml, profile: 'one', environment: wrong }).registration.mode, 'approval');
  });

  test('a token that is empty does not open registration, unless the mode says what is meant', () => {
    for (const variable of ['OAUTH_DCR_ACCESS_TOKEN', 'SALLYPORT_REGISTRATION_ACCESS_TOKEN']) {
      const environment = { [variable]: '' };
      assert.throws(
        () => load({ environment }),
        (error: Error) => error.message.startsWith(`${variable}: is empty, and without a token every`),
      );
      const own = { ...environment, SALLYPORT_REGISTRATION_MODE: 'open' };
      assert.equal(load({ environment: own }).registration.mode, 'open');
      assert.equal(load({ environment, yaml: 'registration: { mode: token }' }).registration.mode, 'token');
    }
  });

  test('are nothing when they are empty, and are named when they are wrong', () => {
    assert.equal(load({ environment: { OAUTH_ISSUER: '' } }).publicUrl, 'http://localhost:8000');
    for (const [variable, text, what] of [
      ['OAUTH_ACCESS_TOKEN_TTL', '60', /cannot be read\. Write, for example: 60m\.$/],
      ['OAUTH_ACCESS_TOKEN_TTL', '1m30', /cannot be read/],
      ['OAUTH_REFRESH_TOKEN_TTL', '2m', /tokens\.refresh\.lifetimeSeconds/],
      ['OAUTH_ISSUER', 'http://mcp.example.com', /publicUrl/],
      // Every one of them would have opened the door there.
      ['OAUTH_DCR_MODE', 'Protected', /cannot be read\. Write protected or open/],
      ['OAUTH_DCR_MODE', 'closed', /cannot be read/],
      ['OAUTH_DCR_MODE', 'token', /cannot be read/],
    ] as const)
      assert.throws(
        () => load({ environment: { [variable]: text } }),
        (error: Error) => error.message.startsWith(`${variable}: `) && what.test(error.message),
        variable,
      );
  });
});

describe("somebody else's authorization server", () => {
  const clerkKey = `pk_test_${btoa('notes-1.clerk.accounts.dev$')}`;
  const serverOf = (yaml: string) => load({ yaml: `authorizationServer: ${yaml}` }).authorizationServer;

  test('is its issuer, or the publishable key of Clerk', () => {
    const issuer = 'https://login.example.com';
    assert.equal(load({}).authorizationServer, undefined);
    assert.deepEqual(serverOf(`{ issuer: ${issuer} }`), { server: { issuer } });
    assert.deepEqual(
      serverOf(
        `{ issuer: ${issuer}, audience: "api://notes", maxTokenAgeSeconds: 900, scopes: { notes: [read, write] }, introspection: { clientId: gate, clientSecret: s, jwtsToo: true } }`,
      ),
      {
        server: {
          issuer,
          audience: 'api://notes',
          maxTokenAgeSeconds: 900,
          introspection: { client_id: 'gate', client_secret: 's', jwtsToo: true },
        },
        scopes: { notes: ['read', 'write'] },
      },
    );
    const { server } = serverOf(`{ clerk: { publishableKey: ${clerkKey}, secretKey: sk_test_x } }`) ?? {};
    assert.equal(server?.issuer, 'https://notes-1.clerk.accounts.dev');
    assert.equal(typeof server?.introspection, 'function');
    const environment = { SALLYPORT_AUTHORIZATION_SERVER_ISSUER: issuer };
    assert.equal(load({ environment }).authorizationServer?.server.issuer, issuer);
  });

  const wrong: readonly [string, string, RegExp][] = [
    ['nothing', '{ audience: x }', /^.*authorizationServer names no authorization server/m],
    [
      'two',
      `{ issuer: "https://a.example.com", clerk: { publishableKey: ${clerkKey} } }`,
      /stands beside `clerk`/,
    ],
    ['an issuer in the clear', '{ issuer: "http://login.example.com" }', /must be an https address/],
    [
      'where the metadata is',
      '{ issuer: "https://login.example.com/.well-known/openid-configuration" }',
      /an issuer is neither/,
    ],
    ['an issuer with a query', '{ issuer: "https://login.example.com/?a=b" }', /an issuer is neither/],
    [
      'an age of seconds',
      '{ issuer: "https://login.example.com", maxTokenAgeSeconds: 5 }',
      /maxTokenAgeSeconds/,
    ],
    ['a made-up key', '{ clerk: { publishableKey: pk_test_x } }', /is no publishable key of Clerk/],
    [
      'a secret that is none',
      `{ clerk: { publishableKey: ${clerkKey}, secretKey: hush } }`,
      /is no secret key of Clerk/,
    ],
    [
      'introspection of Clerk',
      `{ clerk: { publishableKey: ${clerkKey} }, introspection: { clientId: a, clientSecret: b } }`,
      /is asked in its own way/,
    ],
    [
      'scopes that nobody has',
      '{ issuer: "https://a.example.com", scopes: { notes: [raed] } }',
      /names "raed".*Did you mean `read`/,
    ],
    [
      'a scope that means another',
      '{ issuer: "https://a.example.com", scopes: { read: [write] } }',
      /means itself/,
    ],
    [
      'this server itself',
      '{ issuer: "http://localhost:8000/" }\npublicUrl: http://localhost:8000',
      /is this server itself/,
    ],
    [
      'no scope at all',
      '{ issuer: "https://a.example.com", scopes: { "a b": [read] } }',
      /is no name of a scope/,
    ],
  ];
  for (const [what, yaml, complaint] of wrong)
    test(`${what} is refused`, () => {
      const problems = problemsOf({ yaml: `authorizationServer: ${yaml}` }).join('\n');
      assert.match(problems, complaint);
      assert.ok(!problems.includes('hush'));
    });

  test('stands beside nothing that is for ours', () => {
    const own = [
      'registration: { mode: open }',
      'clients: []',
      'signIn: [{ provider: password }]',
      'tokens: { codeLifetimeSeconds: 60 }',
    ];
    for (const line of own)
      assert.match(
        problemsOf({ yaml: `authorizationServer: { issuer: "https://a.example.com" }\n${line}` }).join('\n'),
        /is for our own authorization server/,
      );
    const servers = 'servers: [{ name: notes, toolset: records, scopeAliases: { mcp: [read] } }]';
    assert.match(
      problemsOf({ yaml: `authorizationServer: { issuer: "https://a.example.com" }\n${servers}` }).join('\n'),
      /servers\[0\]\.scopeAliases is what clients may ask our own/,
    );
  });
});
