// The shape of the list of known clients, for the one that is shipped and for one that an operator signs: the same rules
// for both, so that a list that was taken in can be used without another question.

import { isClientIdUrl, readClientIdUrl, readRedirectUri } from '@sallyport/protocol';
import { z } from 'zod';
import { limits } from './limits.ts';
import { filledIn, matches } from './pattern.ts';

/** How a client becomes known to a server; a row has them in the client's own order. */
const ways = ['document', 'dynamic', 'preregistered'] as const;

/** Where an answer to a redirect URI ends up. */
const reaches = [
  /** At this one product of its maker, and nowhere else. */
  'client',
  /** At its maker's service, which runs for everybody who builds something with it. */
  'platform',
  /** At some program on the person's computer. */
  'computer',
] as const;

/** What makes a client ask the person to sign in. */
const challengeForms = [
  /** 401 with `WWW-Authenticate` (RFC 9728 §5.1). */
  '401',
  /** `_meta["mcp/www_authenticate"]` of a tool's result. */
  '_meta',
  /** Elicitation in URL mode, of MCP 2025-11-25. */
  'url-elicitation',
  /** Nothing of MCP: it is told by its configuration where to go. */
  'plain',
] as const;

const text = z.string().min(1).max(limits.textCharacters);
const from = z.string().regex(/^[a-z]+$/);
const webUrl = text.refine((value) => URL.parse(value)?.protocol === 'https:', 'is no https URL');

/** Where a fact is from: read at a URL, seen in a package, or only assumed, as the sentence says. */
const source = z
  .strictObject({
    url: webUrl.optional(),
    observed: text.optional(),
    assumed: text.optional(),
    date: z.iso.date(),
    confidence: z.enum(['vendor', 'source', 'third-party', 'assumed']),
  })
  .refine(
    ({ url, observed, assumed }) => [url, observed, assumed].filter((one) => one !== undefined).length === 1,
    'needs exactly one of url, observed and assumed',
  )
  .refine(
    ({ assumed, confidence }) => (assumed === undefined) === (confidence !== 'assumed'),
    'is assumed or is not',
  );

/** Members of a metadata document or a registration request (RFC 7591 §2), as the client sends them. */
const content = z
  .record(text, z.union([z.string().max(limits.textCharacters), z.array(text).max(limits.listLength)]))
  .refine((value) => Array.isArray(value['redirect_uris']), 'lacks redirect_uris')
  .refine((value) => !Object.keys(value).some((name) => /secret|^jwks$|^client_id$/.test(name)), {
    message: 'has a member that does not belong here',
  });

const document = z.strictObject({
  url: text.refine((value) => isDocumentUrl(value), 'is no URL of a metadata document'),
  content: content.optional(),
  from,
});

const redirect = z
  .strictObject({ uri: text, reaches: z.enum(reaches), from })
  .refine(
    ({ uri }) => typeof readRedirectUri(filledIn(uri), { privateUseSchemes: 'allow' }) !== 'string',
    'is no redirect URI',
  )
  .refine(
    (one) => one.reaches === 'computer' || one.uri.startsWith('https://'),
    'reaches a program on the computer, and nothing else is known of it',
  )
  .refine(({ uri }) => !/^http:\/\/(?:\[::1\]|[^/[]*):\d/.test(uri), 'names a port, which is never the same');

/** Every `*` is a whole segment of the path. */
const isNarrow = /^https:\/\/[^/*?]+(?:\/(?:\*|[^/*?]*))*(?:\?[^*]*)?$/;

const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(limits.listLength);

const knownClient = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
      .max(60),
    name: text,
    maker: text,
    /** Runs at its maker's, or on the person's computer. */
    kind: z.enum(['hosted', 'native']),
    /** Other names that it registers under, and that people know it by. */
    alsoCalled: list(text).optional(),
    sources: z.record(from, source),
    ways: list(z.strictObject({ way: z.enum(ways), from })).min(1),
    documents: list(document).optional(),
    /** What it sends when it registers itself. */
    registration: z.strictObject({ content, from }).optional(),
    redirects: list(redirect).min(1),
    authMethods: list(z.strictObject({ way: z.enum(ways), method: text, from })),
    challenges: list(z.strictObject({ form: z.enum(challengeForms), from })).min(1),
    protocol: z.strictObject({ revision: z.iso.date(), from }).optional(),
    /** Absent: S256. */
    pkce: z.strictObject({ method: z.enum(['none']), from }).optional(),
    /** Absent members are not known. */
    tokens: z
      .strictObject({
        sendsResource: z.boolean().optional(),
        refreshSendsResource: z.boolean().optional(),
        asksOfflineAccess: z.boolean().optional(),
        from,
      })
      .optional(),
    quirks: list(z.strictObject({ sentence: text, from })),
    /** What a person does to connect it. */
    connect: z.strictObject({ sentence: text, from }),
  })
  .superRefine((row, context) => {
    const say = (message: string) => context.addIssue({ code: 'custom', message: `${row.id}: ${message}` });
    for (const name of sourcesUsed(row)) if (!(name in row.sources)) say(`has no source "${name}"`);
    // What proves a name must not be a prize for whoever owns an address that is one segment away.
    const proving = row.redirects.filter((one) => one.reaches === 'client').map(({ uri }) => uri);
    for (const url of [...proving, ...(row.documents ?? []).map((one) => one.url)])
      if (!isNarrow.test(url)) say(`${url} is too wide`);
    const contents = [...(row.documents ?? []).map((one) => one.content), row.registration?.content];
    for (const uri of contents.flatMap((one) => one?.['redirect_uris'] ?? []))
      if (!row.redirects.some((known) => matches(known.uri, filledIn(uri)))) say(`does not list ${uri}`);
  });

export const knownClientList = z
  .strictObject({
    format: z.literal(1),
    /** A later list takes the place of an earlier one, and never the other way round. */
    issuedAt: z.union([z.iso.date(), z.iso.datetime()]),
    clients: z.array(knownClient).min(1).max(limits.clients),
  })
  .superRefine(({ clients }, context) => {
    const seen = new Map<string, string>();
    const once = (what: string, id: string) => {
      const other = seen.get(what);
      if (other !== undefined)
        context.addIssue({ code: 'custom', message: `${id}: ${what} is ${other}'s already` });
      seen.set(what, id);
    };
    for (const { id, documents = [], redirects } of clients) {
      once(`the id ${id}`, id);
      for (const { url } of documents) once(url, id);
      for (const { uri, reaches: where } of redirects) if (where === 'client') once(uri, id);
    }
  });

export type KnownClientList = z.infer<typeof knownClientList>;
export type KnownClientRow = KnownClientList['clients'][number];

/** Exact, or with `*` for one part of the path. */
function isDocumentUrl(value: string): boolean {
  const url = filledIn(value);
  return isClientIdUrl(url) && readClientIdUrl(url) !== undefined;
}

/** The names of all the sources that facts of this row are from. */
function sourcesUsed(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(sourcesUsed);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'sources' || name === 'content'
      ? []
      : name === 'from' && typeof inner === 'string'
        ? [inner]
        : sourcesUsed(inner),
  );
}
