// What must not stand beside somebody else's authorization server.

import { isMap } from '../layers.ts';
import { nearest } from '../nearest.ts';
import type { Path } from '../problem.ts';
import { toolsetScopes } from '../toolset-scopes.ts';

type Say = (path: Path, what: string, instead: string) => void;

/** What is ours alone, and would be read by nobody. */
const ours = ['registration', 'clients', 'signIn', 'resources', 'tokens'];

const isSame = (one: unknown, other: unknown): boolean =>
  typeof one === 'string' &&
  typeof other === 'string' &&
  URL.canParse(one) &&
  URL.parse(one)?.href === URL.parse(other)?.href;

export function judgeAuthorizationServer(values: Readonly<Record<string, unknown>>, say: Say): void {
  const server = values['authorizationServer'];
  if (!isMap(server)) return;
  const at = (...path: string[]): Path => ['authorizationServer', ...path];
  const { issuer, clerk: instance, introspection, scopes } = server;
  if (issuer === undefined && instance === undefined)
    say(at(), 'names no authorization server', 'Write in it: issuer: https://login.example.com');
  if (issuer !== undefined && instance !== undefined)
    say(at('issuer'), 'stands beside `clerk`, whose key names it already', 'Remove one of the two.');
  // It would ask itself for its metadata, and wait for the answer.
  if (isSame(issuer, values['publicUrl']))
    say(
      at('issuer'),
      'is this server itself',
      'Remove authorizationServer: without it, Sallyport is the authorization server.',
    );
  if (introspection !== undefined && instance !== undefined)
    say(
      at('introspection'),
      'stands beside `clerk`, which is asked in its own way',
      'Write: clerk.secretKey',
    );
  for (const key of ours)
    if (values[key] !== undefined)
      say(
        [key],
        'is for our own authorization server, while `authorizationServer` names another',
        'Remove one of the two.',
      );
  const servers: readonly unknown[] = Array.isArray(values['servers']) ? values['servers'] : [];
  for (const [index, one] of servers.entries())
    if (isMap(one) && one['scopeAliases'] !== undefined)
      say(
        ['servers', index, 'scopeAliases'],
        'is what clients may ask our own authorization server for, while `authorizationServer` names another',
        'Write in its place: authorizationServer.scopes',
      );
  if (!isMap(scopes)) return;
  const known = Object.values(toolsetScopes).flatMap((of) => of.map(({ name }) => name));
  for (const [name, meant] of Object.entries(scopes)) {
    if (!/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(name))
      say(at('scopes', name), 'is no name of a scope', 'Use letters, digits and marks without spaces.');
    if (known.includes(name) && !(Array.isArray(meant) && meant.includes(name)))
      say(at('scopes', name), 'is a scope of the servers too, and means itself', `Write: ${name}: [${name}]`);
    const named: readonly unknown[] = Array.isArray(meant) ? meant : [];
    const unknown = named.find((one) => typeof one === 'string' && !known.includes(one));
    if (typeof unknown === 'string')
      say(
        at('scopes', name),
        `names "${unknown}", which is no scope of the servers`,
        `Did you mean \`${nearest(unknown, known) ?? known[0] ?? ''}\`?`,
      );
  }
}
