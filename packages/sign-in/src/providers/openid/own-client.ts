// As whom this server asks a provider: as the app that its operator made there, or as the client that it registered itself
// (RFC 7591). Tokens are refreshed as whom they were issued to (RFC 6749 §6), whatever was configured since.
import { isRefusal } from '@sallyport/protocol';
import {
  type KeptClient,
  refuse as refuseInVault,
  registerClient,
  type Registrations,
  type TokenClientAuth,
} from '@sallyport/vault';
import { limits } from '../../limits.ts';
import { clientAuthOf } from './client-auth.ts';
import type { ProviderMetadata } from './metadata.ts';
import { registrationOf } from './registration.ts';
import type { IssuerRule, OpenIdRow, OpenIdSettings } from './row.ts';
import type { EndpointTrust } from './trust.ts';

/** What registering needs besides the provider. */
export interface Registering {
  readonly registrations: Registrations;
  /** What the provider's people read on its consent page. */
  readonly client_name: string;
}

export interface OwnClient {
  /** For a browser that leaves; registers this server where that is to be done and was not. */
  leaving(metadata: ProviderMetadata, redirect_uri: string, now: number): Promise<TokenClientAuth>;
  /** For one that came back. @throws {Refusal} `provider_registration_gone` */
  returned(metadata: ProviderMetadata, redirect_uri: string): Promise<TokenClientAuth>;
  /** @param client_id whom the tokens were issued to, where that is known. @throws {Refusal} as before */
  refreshing(metadata: ProviderMetadata, client_id: string | undefined): Promise<TokenClientAuth>;
  /** What the token endpoint's refusal means: who was registered and is not known any more is forgotten here too. */
  judgeRefusal(error: unknown, client_id: string, now: number): Promise<unknown>;
}

interface OwnClientParts {
  readonly row: OpenIdRow;
  readonly rule: IssuerRule;
  readonly settings: OpenIdSettings;
  readonly trust: EndpointTrust;
  readonly registering: Registering | undefined;
}

export function ownClient({ row, rule, settings, trust, registering }: OwnClientParts): OwnClient {
  const { clientId } = settings;
  const { issuer } = rule;
  return { leaving, returned, refreshing, judgeRefusal };

  async function leaving(metadata: ProviderMetadata, redirect_uri: string, now: number) {
    if (clientId !== undefined) return clientAuthOf({ ...settings, clientId }, metadata);
    const { registrations, client_name } = needed(registering, settings);
    const register = async (at: number) => {
      const request = registrationOf({ row, settings, metadata, client_name, redirect_uri });
      return registerClient(trust.fetchFor(request.endpoint), request, at);
    };
    return authOf(await registrations.obtain({ issuer, redirect_uri }, register, now));
  }

  async function returned(metadata: ProviderMetadata, redirect_uri: string) {
    if (clientId !== undefined) return clientAuthOf({ ...settings, clientId }, metadata);
    return authOf(await needed(registering, settings).registrations.find({ issuer, redirect_uri }));
  }

  async function refreshing(metadata: ProviderMetadata, client_id: string | undefined) {
    const isOther = client_id !== undefined && client_id !== clientId;
    const kept = isOther ? await registering?.registrations.findClient({ issuer, client_id }) : undefined;
    if (kept !== undefined || clientId === undefined) return authOf(kept);
    return clientAuthOf({ ...settings, clientId }, metadata);
  }

  async function judgeRefusal(error: unknown, client_id: string, now: number): Promise<unknown> {
    // A provider in trouble says it too, and has looked at nothing.
    if (!isRefusal(error) || error.reason !== 'provider_client_refused') return error;
    // RFC 6749 §5.2. `unauthorized_client` is about what a client that is known may do.
    if (error.facts['providerError'] !== 'invalid_client') return error;
    const kept = await registering?.registrations.findClient({ issuer, client_id });
    // Who refuses a client that it has only just registered would refuse the next one too.
    if (kept === undefined || now < kept.registeredAt + limits.registrationTrustedSeconds) return error;
    await registering?.registrations.forget(kept);
    return refuseInVault('provider_registration_gone', { ...error.facts, client_id });
  }
}

function authOf(kept: KeptClient | undefined): TokenClientAuth {
  if (kept === undefined) throw refuseInVault('provider_registration_gone');
  const { client_id, token_endpoint_auth_method: method, client_secret = '' } = kept;
  return method === 'none' ? { method, client_id } : { method, client_id, client_secret };
}

function needed(registering: Registering | undefined, { id }: OpenIdSettings): Registering {
  if (registering === undefined) throw new RangeError(`${id}: neither a client id nor a way to get one`);
  return registering;
}
