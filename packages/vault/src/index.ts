// Other people's credentials: tokens that a provider gave for a person. Asked for, sealed, refreshed before they expire by
// one instance at a time, and handed out while they are good.
export { startRefreshing } from './job.ts';
export { finalityOf, refusals, refuse, type Finality } from './refusals.ts';
export { registerClient, type RegistrationRequest } from './register-client.ts';
export { requestRevocation } from './revocation-request.ts';
export { registrableMethods, type RegistrableMethod } from './registration-answer.ts';
export {
  outboundRegistrations,
  registrationIdOf,
  type KeptClient,
  type Registrations,
} from './registrations.ts';
export type {
  Ending,
  RevokedTokens,
  RevokedThere,
  Refresher,
  Revoker,
  Timing,
  VaultOptions,
} from './room.ts';
export { type Sealing, sealingUnder } from './sealing.ts';
export type { TokenAnswer } from './token-answer.ts';
export { requestTokens, type TokenClientAuth, type TokenRequest } from './token-request.ts';
export type { FoundToken, Wanted } from './access-token.ts';
export { type RefreshedCounts, vault, type Vault } from './vault.ts';
