// The contract suite: what any backend must do, races and faults included.

import { suite } from 'node:test';
import { authorizeContract } from './contract/authorize.ts';
import { clientAccessContract } from './contract/client-access.ts';
import { claimsContract, sharedClaimsContract } from './contract/claims.ts';
import { clientsContract } from './contract/clients.ts';
import { housekeepingContract, sharingContract, valuesContract } from './contract/keeping.ts';
import { identitiesContract } from './contract/identities.ts';
import { keysContract, sharedKeysContract } from './contract/keys.ts';
import { loginEventsContract } from './contract/login-events.ts';
import {
  outboundRegistrationsContract,
  sharedOutboundRegistrationsContract,
} from './contract/outbound-registrations.ts';
import { ownGrantsContract } from './contract/own-grants.ts';
import { peopleContract } from './contract/people.ts';
import { recordsContract } from './contract/records.ts';
import { registrationContract } from './contract/registration.ts';
import { personalAccessTokensContract } from './contract/personal-access-tokens.ts';
import type { Open } from './contract/samples.ts';
import { tokenContract } from './contract/token.ts';
import { upstreamSignInsContract } from './contract/upstream-sign-ins.ts';
import { sharedVaultContract, vaultContract } from './contract/vault.ts';

/**
 * @param open an empty store, which it closes after the test; with `openAgain` when two processes can share it
 * @param options.shared whether `open` gives `openAgain`
 * @param options.expiresByItself whether paused authorizations and codes go by themselves, without a sweep
 */
export function storageContract(
  name: string,
  open: Open,
  options: { shared: boolean; expiresByItself?: boolean },
): void {
  suite(`${name} keeps the storage contract`, () => {
    suite('people and sessions', () => peopleContract(open));
    suite('identities', () => identitiesContract(open));
    suite('clients', () => clientsContract(open));
    suite('registration', () => registrationContract(open));
    suite('authorize', () => authorizeContract(open));
    suite('token', () => tokenContract(open));
    suite('what a person has allowed', () => clientAccessContract(open));
    suite('personal access tokens', () => personalAccessTokensContract(open));
    suite('browsers away at a provider', () => upstreamSignInsContract(open));
    suite('what is there once', () => claimsContract(open));
    suite('vault', () => vaultContract(open));
    suite('registered at other parties', () => outboundRegistrationsContract(open));
    suite('what clients may do for themselves', () => ownGrantsContract(open));
    suite('keys', () => keysContract(open));
    suite('values', () => valuesContract(open));
    suite('records', () => recordsContract(open));
    suite('login events', () => loginEventsContract(open));
    suite('housekeeping', () => housekeepingContract(open, options));
    if (options.shared) suite('two processes', () => sharingContract(open));
    if (options.shared) suite('claims of two processes', () => sharedClaimsContract(open));
    if (options.shared) suite('vault of two processes', () => sharedVaultContract(open));
    if (options.shared) suite('registered by two processes', () => sharedOutboundRegistrationsContract(open));
    if (options.shared) suite('keys of two processes', () => sharedKeysContract(open));
  });
}
