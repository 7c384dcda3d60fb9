// What `sallyport check` can find out about a provider without anybody signing in: whether it is there, says who it is, and
// can be talked to.
import { isRefusal, type Facts } from '@sallyport/protocol';
import type { Finding } from '../provider.ts';
import { clientAuthOf } from './client-auth.ts';
import { discoveryUrl } from './discovery.ts';
import { whyNot } from './failures.ts';
import type { KeptDocument } from './kept-document.ts';
import type { ProviderKeys } from './keys.ts';
import type { ProviderMetadata } from './metadata.ts';
import { registeredMethodOf, registrationEndpointOf } from './registration.ts';
import type { IssuerRule, OpenIdSettings } from './row.ts';
import type { EndpointTrust } from './trust.ts';

interface Checked {
  readonly rule: IssuerRule;
  readonly settings: OpenIdSettings;
  readonly metadata: KeptDocument<ProviderMetadata>;
  readonly keys: ProviderKeys;
  readonly trust: EndpointTrust;
}

export async function checkProvider(checked: Checked, now: number): Promise<Finding[]> {
  const { rule, metadata, keys, trust } = checked;
  const at = discoveryUrl(rule.discovery);
  const found = await finding(
    () => metadata.read(now),
    () => `${at} says who it is`,
  );
  if (found.value === undefined) return [found.finding];
  const { value: said } = found;
  const others = await Promise.all([
    finding(
      () => {
        trust.judge('authorization_endpoint', said.authorization_endpoint);
        trust.judge('token_endpoint', said.token_endpoint);
        return Promise.resolve(howWeProve(checked, said));
      },
      (says) => says,
    ),
    finding(
      () => keys.count(said.jwks_uri, now),
      (count) => `${count} ${count === 1 ? 'key' : 'keys'} at ${said.jwks_uri}`,
    ),
  ]);
  return [found.finding, ...others.map(({ finding: other }) => other)];
}

/** Nobody is registered by a check. @throws {Refusal} when it cannot be */
function howWeProve({ settings, trust }: Checked, said: ProviderMetadata): string {
  const { clientId } = settings;
  if (clientId !== undefined)
    return `its token endpoint takes ${clientAuthOf({ ...settings, clientId }, said).method}`;
  const endpoint = registrationEndpointOf(said);
  trust.judge('registration_endpoint', endpoint);
  return `this server can register itself at ${endpoint}, and prove itself by ${registeredMethodOf(settings, said)}`;
}

async function finding<Value>(
  attempt: () => Promise<Value>,
  says: (value: Value) => string,
): Promise<{ readonly finding: Finding; readonly value?: Value }> {
  try {
    const value = await attempt();
    return { value, finding: { state: 'ok', says: says(value) } };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { reason, row, facts } = error;
    const told = Object.entries(facts).flatMap(([name, fact]) =>
      fact === undefined ? [] : [`${name} ${fact}`],
    );
    return {
      finding: {
        state: 'fail',
        says:
          reason === 'upstream_unavailable'
            ? `${facts['host'] ?? 'it'} could not be asked (${whyNot(facts)})`
            : `${reason}${told.length === 0 ? '' : ` (${told.join(', ')})`}`,
        next: speaksNoTls(facts) ? withoutTls : (nextSteps[reason] ?? row.sentence),
        reason,
      },
    };
  }
}

/** What OpenSSL says of an answer that is none of TLS. */
const speaksNoTls = ({ cause }: Facts): boolean => /SSL|EPROTO/.test(String(cause));

const withoutTls = 'What answers there speaks no TLS: look whether it is http, or another port.';

const nextSteps: Readonly<Record<string, string>> = {
  upstream_metadata_issuer_differs:
    'Write the issuer exactly as the document says it, with or without a slash at its end.',
  upstream_endpoint_refused:
    "If this address is right, write it in the configuration (authorizationUrl, tokenUrl, userinfoUrl, jwksUrl): only the issuer's own host and public https addresses are taken from its metadata.",
  upstream_metadata_unusable:
    'Look whether the issuer is right: its OpenID configuration is no such document.',
  upstream_unavailable: 'Look whether this machine can reach the provider.',
  provider_registration_refused:
    'Have the provider let clients register themselves (RFC 7591), or make an app there, and write its clientId.',
  upstream_misconfigured: 'Set authMethod to a method that the provider takes.',
};
