// docs/clients.md: what a person needs to know of each client, written from the list of known clients, so that the page says
// nothing that the list does not. After a change of the list: npm run docs
import list from '../packages/sallyport/src/known-clients/known-clients.json' with { type: 'json' };

const begin = '<!-- From the list of known clients; npm run docs writes it. -->\n';

type Row = (typeof list.clients)[number];

const wayWords: Readonly<Record<string, string>> = {
  document: 'its metadata document',
  dynamic: 'registering itself',
  preregistered: 'a client id that you make',
};

const reachWords: Readonly<Record<string, string>> = {
  client: 'proves who it is',
  platform: 'leads to everybody who builds with it',
  computer: 'leads to a program on the computer',
};

/** The page with everything after the mark written anew. */
export function written(text: string): string {
  const [head = ''] = text.split(begin);
  return `${head}${begin}\n${list.clients.map(section).join('\n')}`;
}

function section(row: Row): string {
  const ways = row.ways.map(({ way }) => wayWords[way]).join(', then ');
  const documents = ('documents' in row ? (row.documents ?? []) : []).map(({ url }) => `\`${url}\``);
  const redirects = row.redirects.map(({ uri, reaches }) => `\`${uri}\` (${reachWords[reaches]})`);
  const methods = [...new Set(row.authMethods.map(({ method }) => `\`${method}\``))];
  const lines = [
    `- **Connect it:** ${row.connect.sentence}`,
    `- **How it comes:** ${ways}.`,
    ...(documents.length > 0 ? [`- **Document:** ${documents.join(', ')}`] : []),
    `- **Returns to:** ${redirects.join(', ')}`,
    ...(methods.length > 0 ? [`- **Proves itself by:** ${methods.join(', ')}`] : []),
    ...row.quirks.map(({ sentence }) => `- ${sentence}`),
  ];
  const sources = Object.values(row.sources).map(sourceText);
  return `## ${row.name}\n\n${lines.join('\n')}\n\n_Sources: ${[...new Set(sources)].join('; ')}._\n`;
}

function sourceText(source: Readonly<Record<string, string>>): string {
  const { url, observed, assumed = '', date, confidence } = source;
  const what = url ?? (observed === undefined ? `assumed: ${assumed}` : `\`${observed}\``);
  return `${what} (${confidence === 'assumed' ? '' : `${confidence}, `}${date})`;
}
