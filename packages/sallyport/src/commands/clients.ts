// sallyport clients: the OAuth clients that may ask people for access.

import {
  addMachineClient,
  addPreregisteredClient,
  addResourceServer,
  mustUsePkce,
  WHILE_CONFIGURED,
} from '@sallyport/authorization-server';
import type { NewClient } from '@sallyport/authorization-server';
import { isGptCallback, Refusal } from '@sallyport/protocol';
import type { Client, Storage } from '@sallyport/storage';
import { configuredClient, rotateSecret, sayOnce, unknownClient } from './client-secrets.ts';
import type { RotateOptions } from './client-secrets.ts';
import { authMethodMembers, type AuthMethodOptions } from './auth-method.ts';
import { commandLine, configOf, parse, shieldId, withConfiguration } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import { decideClient } from './decide-client.ts';
import { exitCodes, Failure } from './failure.ts';
import { resourcesNamed } from './introspects.ts';
import { paint, print } from './io.ts';
import type { Command, Io } from './io.ts';
import { ownScopeNamed, printOwnScope, setOwnScope } from './own-scope.ts';
import type { OwnScopeOptions } from './own-scope.ts';
import { onStorage } from './store.ts';
import { day, printable, table } from './table.ts';

interface Output extends CommonOptions {
  readonly json?: boolean;
}

interface ListOptions extends Output {
  readonly waiting?: boolean;
}

interface AddOptions extends Output, AuthMethodOptions {
  readonly name?: string;
  readonly redirectUri?: readonly string[];
  readonly accessTokenFormat?: string;
  readonly pkce?: boolean;
  readonly introspects?: readonly string[];
  readonly ownScope?: readonly string[];
}

const ownScopeFlag = '--own-scope <server:scope,scope>';

export const clients: Command = {
  name: 'clients',
  summary: 'List, add and remove the OAuth clients, and replace their secrets',
  async run(args, io) {
    const line = commandLine('clients', clients.summary, io, [
      ['clients list', 'who has registered'],
      ['clients add --name "My app" --redirect-uri https://app.example.com/callback', 'a public client'],
      [
        'clients add --name "My app" --redirect-uri https://app.example.com/callback --confidential',
        'with a secret',
      ],
      ['clients add --name "Notes" --introspects notes', 'for a server elsewhere that asks about tokens'],
      ['clients add --name "Nightly export" --own-scope records:read', 'a program that nobody sits at'],
      ['clients list --waiting', 'who waits for approval'],
      ['clients approve <client_id>', 'people can allow it now'],
      ['clients rotate-secret <client_id> --keep-old 24h', 'the old secret works for a day more'],
    ]);
    const sub = (name: string, summary: string) => {
      const command = withConfiguration(commandLine(name, summary, io));
      line.addCommand(command);
      return command;
    };

    sub('list', 'List all clients, the newest first')
      .option('--waiting', 'only those that wait for approval')
      .option('--json', 'print JSON')
      .action((options: ListOptions) => list(options, io));
    sub('approve', 'Let in a client that waits, or that was refused')
      .argument('<client_id>', 'from `clients list --waiting`')
      .action((client_id: string, options: CommonOptions) =>
        decideClient(client_id, 'approved', options, io),
      );
    sub('refuse', 'Refuse a client; it is told so, and the tokens it holds stop working')
      .argument('<client_id>', 'from `clients list`')
      .action((client_id: string, options: CommonOptions) => decideClient(client_id, 'refused', options, io));
    sub('add', 'Add a client; most clients register themselves and need no help')
      .option('--name <name>', 'what people read on the consent page')
      .option('--redirect-uri <uri>', 'where the browser returns to; repeat it for several', several)
      .option('--confidential', 'the client can keep a secret (same as --auth-method client_secret_basic)')
      .option(
        '--auth-method <method>',
        'none, client_secret_basic, client_secret_post or private_key_jwt (default: none)',
      )
      .option('--jwks <file>', 'its public keys, for private_key_jwt: a JWK Set')
      .option('--jwks-uri <url>', 'where it publishes its public keys, for private_key_jwt')
      .option('--access-token-format <format>', 'jwt or opaque (default: tokens.access.format)')
      .option(
        '--no-pkce',
        'for GPT Actions, which send none; only with a secret, and people are asked each time',
      )
      .option(
        '--introspects <server or resource>',
        'may ask about the access tokens of this server, and gets none itself; repeat it for several',
        several,
      )
      .option(
        ownScopeFlag,
        'may ask for itself, with no person: a machine client; repeat it for several',
        several,
      )
      .option('--json', 'print JSON')
      .action((options: AddOptions) => add(options, io));
    sub(
      'set-own-scope',
      'Change what a machine client may ask for itself; tokens that exceed it stop working',
    )
      .argument('<client_id>', 'from `clients list`')
      .option(ownScopeFlag, 'in place of what it may have now; repeat it for several', several)
      .option('--none', 'nothing any more')
      .action((client_id: string, options: OwnScopeOptions) => setOwnScope(client_id, options, io));
    sub('remove', 'Remove a client; the tokens it holds stop working')
      .argument('<client_id>', 'from `clients list`')
      .action((client_id: string, options: CommonOptions) => remove(client_id, options, io));
    sub('rotate-secret', 'Give a client a new secret; the old one stops at once, unless it is kept')
      .argument('<client_id>', 'from `clients list`')
      .option('--keep-old <time>', 'how long the old secret works beside the new one: 30m, 24h, 7d')
      .option('--revoke-old', 'no new secret; an old one that was kept stops now')
      .option('--json', 'print JSON')
      .action((client_id: string, options: RotateOptions) => rotateSecret(client_id, options, io));

    await parse(line, shieldId(args), io);
    return exitCodes.done;
  },
};

const addedBy: Readonly<Record<Client['registeredBy'], string>> = {
  operator: 'operator',
  configuration: 'configuration',
  dynamic: 'itself',
  document: 'its document',
};

async function list(options: ListOptions, io: Io): Promise<void> {
  const all = await onStorage(options, io, (storage) => storage.listClients());
  const known = options.waiting === true ? all.filter(({ admission }) => admission === 'waiting') : all;
  if (options.json === true) {
    print(io, JSON.stringify(known.map(asJson), null, 2));
  } else if (known.length === 0 && options.waiting === true) {
    print(io, 'No client waits for approval.');
  } else if (known.length === 0) {
    print(io, 'There is no client yet. Clients register themselves when they connect.');
  } else {
    const rows = known.map((client) => [
      client.client_id,
      client.metadata.client_name ?? '',
      client.metadata.redirect_uris.join(' '),
      (client.introspects ?? []).join(' '),
      printOwnScope(client.ownScope),
      authenticationOf(client, io.now()),
      whereFrom(client),
      day(client.usedAt),
    ]);
    const head = [
      'client_id',
      'Name',
      'Redirect URIs',
      'Introspects',
      'For itself',
      'Authentication',
      'Added by',
      'Last authorized (UTC)',
    ];
    print(io, table(io, head, rows));
  }
}

/** How it came in, and whether it is in. */
function whereFrom(client: Client): string {
  const { registeredBy, withdrawn, registeredWith, admission, approvedAt, document } = client;
  if (withdrawn) return 'configuration, not any more';
  const by = document?.isPinned === true ? 'a pinned copy of its document' : addedBy[registeredBy];
  const vouched = registeredWith === undefined ? by : `${by}, with ${registeredWith}`;
  if (admission === 'waiting') return `${vouched}; waits for approval`;
  if (admission === 'refused') return `${vouched}; refused`;
  return approvedAt === undefined ? vouched : `${vouched}; approved`;
}

/** How it proves itself, and what is unusual about that. */
function authenticationOf(client: Client, now: number): string {
  const { metadata, formerSecret } = client;
  return [
    metadata.token_endpoint_auth_method,
    ...(mustUsePkce(client) ? [] : ['may do without PKCE']),
    ...(formerSecret === undefined || formerSecret.validUntil <= now
      ? []
      : [
          `old secret until ${formerSecret.validUntil === WHILE_CONFIGURED ? 'it is taken out' : day(formerSecret.validUntil)}`,
        ]),
  ].join(', ');
}

async function add(options: AddOptions, io: Io): Promise<void> {
  const make = makerOf(options)(options, io);
  const { client, client_secret } = await onStorage(options, io, make);
  if (options.json === true) {
    print(
      io,
      JSON.stringify({ ...asJson(client), ...(client_secret !== undefined && { client_secret }) }, null, 2),
    );
    return;
  }
  print(
    io,
    `${paint(io.stdout, 'green', '✓')} Added ${printable(client.metadata.client_name ?? 'the client')}.`,
  );
  print(io, `  client_id      ${client.client_id}`);
  if (client_secret !== undefined) sayOnce(client_secret, io);
  if (mustUsePkce(client) && client.metadata.redirect_uris.some(isGptCallback))
    print(io, '  GPT Actions send no PKCE, so they are refused: for them, add the client with --no-pkce.');
}

type Make = (storage: Storage) => Promise<NewClient>;

function makerOf({ introspects, ownScope }: AddOptions): (options: AddOptions, io: Io) => Make {
  if (ownScope !== undefined) return machineOf;
  return introspects === undefined ? appOf : resourceServerOf;
}

function appOf(options: AddOptions, io: Io): Make {
  if (options.redirectUri === undefined) {
    throw new Failure('A client needs at least one redirect URI.', {
      next: ['Add, for example: --redirect-uri https://app.example.com/callback'],
      exitCode: exitCodes.usage,
    });
  }
  const metadata = {
    redirect_uris: options.redirectUri,
    ...authMethodMembers(options, io),
    ...(options.name === undefined ? {} : { client_name: options.name }),
  };
  const accessTokenFormat = accessTokenFormatOf(options);
  const decided = {
    now: io.now(),
    policy: configOf(options, io).registration,
    ...(accessTokenFormat !== undefined && { accessTokenFormat }),
    ...(options.pkce === false && { requirePkce: false as const }),
  };
  return (storage) => orUsage(() => addPreregisteredClient(storage, metadata, decided));
}

/** What is refused was asked for by whoever typed the command. */
async function orUsage<Added>(add_: () => Promise<Added>): Promise<Added> {
  try {
    return await add_();
  } catch (error) {
    throw error instanceof Refusal ? new Failure(error.row.sentence, { exitCode: exitCodes.usage }) : error;
  }
}

function resourceServerOf(options: AddOptions, io: Io): Make {
  const { name, redirectUri, authMethod, accessTokenFormat, jwks, jwksUri } = options;
  if ((redirectUri ?? authMethod ?? accessTokenFormat ?? jwks ?? jwksUri) !== undefined) {
    throw new Failure('--introspects goes with --name only: such a client gets no tokens itself.', {
      next: ['Add a second client for what signs people in.'],
      exitCode: exitCodes.usage,
    });
  }
  const introspects = resourcesNamed(options.introspects ?? [], configOf(options, io));
  const asked = { introspects, ...(name !== undefined && { client_name: name }) };
  return (storage) => addResourceServer(storage, asked, io.now());
}

function machineOf(options: AddOptions, io: Io): Make {
  const { name, redirectUri, introspects, pkce } = options;
  if (redirectUri !== undefined || introspects !== undefined || pkce === false) {
    throw new Failure(
      '--own-scope is for a client that asks for itself: no person and no browser is in it.',
      {
        next: ['Add a second client for what signs people in, or asks about tokens.'],
        exitCode: exitCodes.usage,
      },
    );
  }
  if (options.authMethod === 'none') {
    throw new Failure('A machine client must be able to prove who it is, so --auth-method cannot be none.', {
      next: ['Leave it out, for client_secret_basic'],
      exitCode: exitCodes.usage,
    });
  }
  const accessTokenFormat = accessTokenFormatOf(options);
  const asked = {
    ...authMethodMembers({ confidential: true, ...options }, io),
    ownScope: ownScopeNamed(options.ownScope ?? [], configOf(options, io)),
    ...(name !== undefined && { client_name: name }),
    ...(accessTokenFormat !== undefined && { accessTokenFormat }),
  };
  return (storage) => orUsage(() => addMachineClient(storage, asked, io.now()));
}

const several = (one: string, others: readonly string[] | undefined): readonly string[] => [
  ...(others ?? []),
  one,
];

async function remove(client_id: string, options: CommonOptions, io: Io): Promise<void> {
  const outcome = await onStorage(options, io, async (storage) => {
    const { registeredBy, withdrawn } = (await storage.findClient(client_id)) ?? {};
    if (registeredBy === 'configuration' && !withdrawn)
      throw configuredClient(client_id, 'Take it out of `clients`', options, io);
    return storage.removeClient(client_id);
  });
  if (outcome === 'not_found') throw unknownClient(client_id, io);
  print(io, `${paint(io.stdout, 'green', '✓')} Removed ${client_id}. Its tokens have stopped working.`);
}

function accessTokenFormatOf({ accessTokenFormat }: AddOptions): 'jwt' | 'opaque' | undefined {
  if (accessTokenFormat === undefined || accessTokenFormat === 'jwt' || accessTokenFormat === 'opaque') {
    return accessTokenFormat;
  }
  throw new Failure(`--access-token-format ${printable(accessTokenFormat)} is not supported.`, {
    next: ['Use one of: jwt, opaque'],
    exitCode: exitCodes.usage,
  });
}

function asJson(client: Client): Record<string, unknown> {
  const { client_id, metadata, registeredBy, document, createdAt, usedAt, accessTokenFormat, introspects } =
    client;
  const { withdrawn, formerSecret, registeredWith, ownScope, admission, approvedAt } = client;
  return {
    client_id,
    ...metadata,
    registeredBy,
    ...(registeredWith !== undefined && { registeredWith }),
    ...(admission !== undefined && { admission }),
    ...(approvedAt !== undefined && { approvedAt }),
    ...(withdrawn && { withdrawn }),
    ...(!mustUsePkce(client) && { requirePkce: false }),
    ...(formerSecret !== undefined && { formerSecretValidUntil: formerSecret.validUntil }),
    ...document,
    createdAt,
    ...(usedAt !== undefined && { usedAt }),
    ...(accessTokenFormat !== undefined && { accessTokenFormat }),
    ...(introspects !== undefined && { introspects }),
    ...(ownScope !== undefined && { ownScope }),
  };
}
