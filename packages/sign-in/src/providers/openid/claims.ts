// From claims to who somebody is here (OpenID Connect Core §5.1).
import { readForeignEmail } from '@sallyport/protocol';
import { limits } from '../../limits.ts';
import { refuse } from '../../refusals.ts';
import type { Identity } from '../provider.ts';
import type { JudgedIdToken } from './judge-id-token.ts';
import type { OpenIdRow, OpenIdSettings, UpstreamClaims } from './row.ts';

interface About {
  readonly provider: string;
  readonly row: OpenIdRow;
  readonly settings: OpenIdSettings;
}

/**
 * @param claims of the ID token, and of UserInfo where that was asked
 * @throws {Refusal} `upstream_groups_missing`
 */
export function identityOf(
  { issuer, subject }: JudgedIdToken,
  claims: UpstreamClaims,
  { provider, row, settings }: About,
): Identity {
  const email = readForeignEmail(text(claims['email'], limits.upstreamClaimMax) ?? '');
  return {
    provider,
    issuer,
    subject,
    email,
    emailVerified: email !== undefined && row.vouchesForEmail(claims, email),
    name: text(claims['name'], limits.upstreamClaimMax),
    username:
      text(claims['preferred_username'], limits.upstreamClaimMax) ??
      text(claims['nickname'], limits.upstreamClaimMax),
    picture: pictureOf(claims['picture']),
    // What was not said is told from what there is none of: a rule about it cannot be judged.
    organizations: organizationsOf(claims, row),
    groups: groupsOf(claims, settings.groupsClaim),
  };
}

/** @throws {Refusal} `upstream_claim_differs` unless the token itself says what this deployment demands of everybody */
export function judgeDemands(claims: UpstreamClaims, row: OpenIdRow, settings: OpenIdSettings): void {
  for (const [claim, value] of Object.entries(row.demandsOf?.(settings) ?? {}))
    if (claims[claim] !== value) throw refuse('upstream_claim_differs', { claim });
}

function organizationsOf(claims: UpstreamClaims, row: OpenIdRow): readonly string[] | undefined {
  const { organizationClaims } = row;
  return organizationClaims.length === 0
    ? undefined
    : organizationClaims.flatMap((name) => listOf(claims[name]));
}

/**
 * Whoever is in too many groups has a reference in place of them (§5.6.2; Entra from 200 on). Taken for nobody's groups, it
 * would let somebody past a list of groups that are denied.
 */
function groupsOf(claims: UpstreamClaims, claim: string | undefined): readonly string[] | undefined {
  if (claim === undefined) return undefined;
  const names = claims['_claim_names'];
  const [first = ''] = claim.split('.');
  const isElsewhere = isObject(names) && (Object.hasOwn(names, claim) || Object.hasOwn(names, first));
  if (isElsewhere || claims['hasgroups'] !== undefined) throw refuse('upstream_groups_missing', { claim });
  const said = valueAt(claims, claim);
  if (said === undefined) return undefined;
  const all: readonly unknown[] = Array.isArray(said) ? said : [said];
  // One that cannot be read could be one that is denied.
  if (all.some((one) => one !== null && typeof one !== 'string')) return undefined;
  const groups = listOf(all);
  if (groups.length > limits.upstreamGroupsMax)
    throw refuse('upstream_groups_missing', { claim, groups: groups.length });
  return groups;
}

/** The claim of this very name (Auth0 has URLs), or of this path through objects (`realm_access.roles` of Keycloak). */
export function valueAt(claims: UpstreamClaims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split('.'))
    value = isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  return value;
}

function listOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((one) => text(one, limits.upstreamClaimMax) ?? []);
}

export function pictureOf(value: unknown): string | undefined {
  const url = text(value, limits.upstreamUrlMax);
  return url !== undefined && URL.parse(url)?.protocol === 'https:' ? url : undefined;
}

/** What is longer is not cut: it would be somebody else's. */
export function text(value: unknown, most: number): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= most ? value : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
