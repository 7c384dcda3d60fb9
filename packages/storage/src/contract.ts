// The storage contract: everything Sallyport must remember. No operation takes a callback or stays open across an
// `await`; each is one atomic call, named for what it does. An answer is given only after it is durable.
// Secrets never arrive here in the clear: digests are SHA-256, hashes are argon2id, sealed values are envelopes.
// Times are epoch seconds. A refused write (foreign key gone, row spent) is a value of the result, not an error.

import type { AuthorizeStorage } from './contract/authorize.ts';
import type { ClaimStorage } from './contract/claims.ts';
import type { ClientStorage } from './contract/clients.ts';
import type { GrantStorage } from './contract/grants.ts';
import type { HousekeepingStorage } from './contract/housekeeping.ts';
import type { IdentityStorage } from './contract/identities.ts';
import type { KeyStorage } from './contract/keys.ts';
import type { LoginEventStorage } from './contract/login-events.ts';
import type { OutboundRegistrationStorage } from './contract/outbound-registrations.ts';
import type { PeopleStorage } from './contract/people.ts';
import type { PersonalAccessTokenStorage } from './contract/personal-access-tokens.ts';
import type { RecordsStorage } from './contract/records.ts';
import type { RegistrationStorage } from './contract/registration.ts';
import type { TokenStorage } from './contract/token.ts';
import type { UpstreamSignInStorage } from './contract/upstream-sign-ins.ts';
import type { VaultStorage } from './contract/vault-entries.ts';

export type * from './contract/authorize.ts';
export type * from './contract/claims.ts';
export type * from './contract/clients.ts';
export type * from './contract/digest.ts';
export type * from './contract/grants.ts';
export type * from './contract/housekeeping.ts';
export type * from './contract/identities.ts';
export type * from './contract/keys.ts';
export type * from './contract/login-events.ts';
export type * from './contract/outbound-registrations.ts';
export type * from './contract/people.ts';
export type * from './contract/personal-access-tokens.ts';
export type * from './contract/records.ts';
export type * from './contract/registration.ts';
export type * from './contract/token.ts';
export * from './contract/unavailable.ts';
export type * from './contract/upstream-sign-ins.ts';
export type * from './contract/vault-entries.ts';

export interface Storage
  extends
    PeopleStorage,
    IdentityStorage,
    UpstreamSignInStorage,
    ClientStorage,
    RegistrationStorage,
    AuthorizeStorage,
    TokenStorage,
    GrantStorage,
    PersonalAccessTokenStorage,
    KeyStorage,
    ClaimStorage,
    VaultStorage,
    OutboundRegistrationStorage,
    RecordsStorage,
    LoginEventStorage,
    HousekeepingStorage {}
