// The contract's operations, each one script in one transaction. Everything a backend adds is how a script is played.

import type { Storage } from '../contract.ts';
import type { Player } from '../script.ts';
import * as accessTokens from './access-tokens.ts';
import * as authorize from './authorize.ts';
import * as clientAccess from './client-access.ts';
import * as claims from './claims.ts';
import * as clients from './clients.ts';
import * as codesElsewhere from './codes-elsewhere.ts';
import type { CodesElsewhere } from './codes-elsewhere.ts';
import * as configuredClients from './configured-clients.ts';
import * as grants from './grants.ts';
import * as housekeeping from './housekeeping.ts';
import * as initialAccessTokens from './initial-access-tokens.ts';
import * as identities from './identities.ts';
import * as items from './items.ts';
import * as outboundRegistrations from './outbound-registrations.ts';
import * as ownGrants from './own-grants.ts';
import * as keys from './keys.ts';
import * as loginEvents from './login-events.ts';
import * as people from './people.ts';
import * as personalAccessTokens from './personal-access-tokens.ts';
import * as registration from './registration.ts';
import * as revocations from './revocations.ts';
import * as recordsClients from './records-clients.ts';
import * as sealedValues from './sealed-values.ts';
import * as tags from './tags.ts';
import * as token from './token.ts';
import * as upstreamSignIns from './upstream-sign-ins.ts';
import * as vaultEntries from './vault-entries.ts';

/** A backend, as the ephemeral store that may stand before it sees it. */
export type DurableStorage = Storage & CodesElsewhere;

/** @returns the contract, except for what only a backend can know */
export function operationsOn({
  read,
  write,
  writeAlone,
}: Player): Omit<DurableStorage, 'onChange' | 'openCounter' | 'close'> {
  return {
    addFirstUser: (user) => writeAlone(() => people.addFirstUser(user)),
    addUser: (user) => write(() => people.addUser(user)),
    hasUsers: () => read(() => people.hasUsers()),
    findUser: (id) => read(() => people.findUser(id)),
    findUserByEmail: (email) => read(() => people.findUserByEmail(email)),
    listUsers: () => read(() => people.listUsers()),
    setPassword: (change) => write(() => people.setPassword(change)),
    // With a grant that is made meanwhile they would take along what nobody was told of.
    removeUser: (id) => writeAlone(() => people.removeUser(id)),
    isLastOperator: (id) => read(() => people.isLastOperator(id)),
    removeUserUnlessNeeded: (id) => writeAlone(() => people.removeUserUnlessNeeded(id)),
    keepSession: (session) => write(() => people.keepSession(session)),
    findSession: (digest, now) => read(() => people.findSession(digest, now)),
    listSessions: (userId, now) => read(() => people.listSessions(userId, now)),
    markSessionSeen: (digest, now) => write(() => people.markSessionSeen(digest, now)),
    endSession: (digest) => write(() => people.endSession(digest)),
    endOtherSessions: (others) => write(() => people.endOtherSessions(others)),

    findIdentity: (key) => read(() => identities.findIdentity(key)),
    listIdentities: (userId) => read(() => identities.listIdentities(userId)),
    addUserWithIdentity: (added) =>
      (added.isFirst === true ? writeAlone : write)(() => identities.addUserWithIdentity(added)),
    // Whether an account has no way to sign in, or no other one, no row can say.
    linkIdentity: (linked) =>
      (linked.isInvited === true ? writeAlone : write)(() => identities.linkIdentity(linked)),
    unlinkIdentity: (unlinked) => writeAlone(() => identities.unlinkIdentity(unlinked)),
    endAccessOfIdentity: (ended) => write(() => identities.endAccessOfIdentity(ended)),
    noteIdentitySignIn: (noted) => write(() => identities.noteIdentitySignIn(noted)),
    setOperatorByRule: (change) => writeAlone(() => identities.setOperatorByRule(change)),

    addClient: (client) => write(() => clients.addClient(client)),
    findClient: (client_id) => read(() => clients.findClient(client_id)),
    listClients: () => read(() => clients.listClients()),
    keepDocumentClient: (kept) => write(() => clients.keepDocumentClient(kept)),
    findIdenticalClient: (asked) => read(() => registration.findIdenticalClient(asked)),
    // Whether there is an identical one, and whether there are too many, no row can say.
    registerClient: (registered) => writeAlone(() => registration.registerClient(registered)),
    changeRegistration: (change) => write(() => registration.changeRegistration(change)),
    decideClient: (decided) => write(() => registration.decideClient(decided)),
    addInitialAccessToken: (added) => write(() => initialAccessTokens.addInitialAccessToken(added)),
    findInitialAccessToken: (digest) => read(() => initialAccessTokens.findInitialAccessToken(digest)),
    listInitialAccessTokens: () => read(() => initialAccessTokens.listInitialAccessTokens()),
    removeInitialAccessToken: (name) => write(() => initialAccessTokens.removeInitialAccessToken(name)),
    replaceClientSecret: (change) => write(() => clients.replaceClientSecret(change)),
    endFormerSecret: (client_id) => write(() => clients.endFormerSecret(client_id)),
    // Which are not wanted any more is decided by what else is there.
    keepConfiguredClients: (wanted) => writeAlone(() => configuredClients.keepConfiguredClients(wanted)),
    findOwnGrant: (asked) => read(() => ownGrants.findOwnGrant(asked)),
    keepOwnGrant: (kept) => write(() => ownGrants.keepOwnGrant(kept)),
    setOwnScope: (change) => write(() => ownGrants.setOwnScope(change)),
    removeClient: (client_id) => writeAlone(() => clients.removeClient(client_id)),

    keepPausedAuthorization: (paused) => write(() => authorize.keepPausedAuthorization(paused)),
    findPausedAuthorization: (id, now) => read(() => authorize.findPausedAuthorization(id, now)),
    findConsent: (key) => read(() => authorize.findConsent(key)),
    grantAuthorization: (granted) => write(() => authorize.grantAuthorization(granted)),
    denyAuthorization: (denied) => write(() => authorize.denyAuthorization(denied)),

    findCode: (digest) => read(() => token.findCode(digest)),
    redeemCode: (redeemed) => write(() => token.redeemCode(redeemed)),
    hasPersonAndClient: (of) => read(() => codesElsewhere.hasPersonAndClient(of)),
    keepGrantOfCode: (kept) => write(() => codesElsewhere.keepGrantOfCode(kept)),
    findGrantOfCode: (code) => read(() => codesElsewhere.findGrantOfCode(code)),
    redeemGrant: (redeemed) => write(() => codesElsewhere.redeemGrant(redeemed)),

    findRefreshToken: (digest) => read(() => token.findRefreshToken(digest)),
    rotateRefreshToken: (rotation) => write(() => token.rotateRefreshToken(rotation)),
    findAccessToken: (digest) => read(() => accessTokens.findAccessToken(digest)),
    findGrant: (id) => read(() => grants.findGrant(id)),
    revokeGrant: (id, now) => write(() => grants.revokeGrant(id, now)),
    markGrantsUsed: (uses) => write(() => clientAccess.markGrantsUsed(uses)),

    listClientAccess: (userId, now) => read(() => clientAccess.listClientAccess(userId, now)),
    removeClientAccess: (removed) => write(() => clientAccess.removeClientAccess(removed)),

    // How many there are, no row can say.
    addPersonalAccessToken: (added) => writeAlone(() => personalAccessTokens.addPersonalAccessToken(added)),
    listPersonalAccessTokens: (of) => read(() => personalAccessTokens.listPersonalAccessTokens(of)),
    removePersonalAccessToken: (removed) =>
      write(() => personalAccessTokens.removePersonalAccessToken(removed)),

    addSigningKey: (added) => writeAlone(() => keys.addSigningKey(added)),
    listSigningKeys: () => read(() => keys.listSigningKeys()),
    removeSigningKey: (removed) => writeAlone(() => keys.removeSigningKey(removed)),
    listSealedValues: (page) => read(() => sealedValues.listSealedValues(page)),
    replaceSealedValue: (replaced) => write(() => sealedValues.replaceSealedValue(replaced)),
    countRefreshTokensByKey: (now) => read(() => token.countRefreshTokensByKey(now)),

    addItem: (item, tagIds) => write(() => items.addItem(item, tagIds)),
    findItem: (id) => read(() => items.findItem(id)),
    listItems: (page) => read(() => items.listItems(page)),
    changeItem: (change) => write(() => items.changeItem(change)),
    removeItem: (removed) => write(() => items.removeItem(removed)),
    addRecordsClient: (client, tagIds) => write(() => recordsClients.addRecordsClient(client, tagIds)),
    findRecordsClient: (id) => read(() => recordsClients.findRecordsClient(id)),
    listRecordsClients: (page) => read(() => recordsClients.listRecordsClients(page)),
    changeRecordsClient: (change) => write(() => recordsClients.changeRecordsClient(change)),
    removeRecordsClient: (removed) => write(() => recordsClients.removeRecordsClient(removed)),
    addTag: (tag) => write(() => tags.addTag(tag)),
    findTag: (id) => read(() => tags.findTag(id)),
    listTags: (page) => read(() => tags.listTags(page)),
    changeTag: (change) => write(() => tags.changeTag(change)),
    removeTag: (removed) => write(() => tags.removeTag(removed)),

    keepUpstreamSignIn: (kept) => write(() => upstreamSignIns.keepUpstreamSignIn(kept)),
    takeUpstreamSignIn: (taking) => write(() => upstreamSignIns.takeUpstreamSignIn(taking)),

    claim: (claimed) => write(() => claims.claim(claimed)),
    releaseClaim: (released) => write(() => claims.releaseClaim(released)),

    keepVaultEntry: (kept) => write(() => vaultEntries.keepVaultEntry(kept)),
    findVaultEntry: (id) => read(() => vaultEntries.findVaultEntry(id)),
    listVaultEntries: (of) => read(() => vaultEntries.listVaultEntries(of)),
    listDueVaultEntries: (due) => read(() => vaultEntries.listDueVaultEntries(due)),
    replaceVaultTokens: (replaced) => write(() => vaultEntries.replaceVaultTokens(replaced)),
    markVaultEntryDead: (dead) => write(() => vaultEntries.markVaultEntryDead(dead)),
    noteVaultAsked: (asked) => write(() => vaultEntries.noteVaultAsked(asked)),
    // Whether somebody else is an operator, no row can say.
    endVaultEntryWithAccess: (ended) => writeAlone(() => vaultEntries.endVaultEntryWithAccess(ended)),
    postponeVaultEntry: (postponed) => write(() => vaultEntries.postponeVaultEntry(postponed)),
    removeVaultEntry: (id) => write(() => vaultEntries.removeVaultEntry(id)),
    listDueRevocations: (due) => read(() => revocations.listDueRevocations(due)),
    beginRevocation: (begun) => write(() => revocations.beginRevocation(begun)),
    endRevocation: (ended) => write(() => revocations.endRevocation(ended)),

    keepOutboundRegistration: (kept) => write(() => outboundRegistrations.keepOutboundRegistration(kept)),
    findOutboundRegistration: (id) => read(() => outboundRegistrations.findOutboundRegistration(id)),
    listOutboundRegistrations: () => read(() => outboundRegistrations.listOutboundRegistrations()),
    forgetOutboundRegistration: (forgotten) =>
      write(() => outboundRegistrations.forgetOutboundRegistration(forgotten)),

    keepLoginEvents: (events) => write(() => loginEvents.keepLoginEvents(events)),
    findLoginEvents: (traceId) => read(() => loginEvents.findLoginEvents(traceId)),
    listLoginEvents: (logins) => read(() => loginEvents.listLoginEvents(logins)),

    sweep: (work) => write(() => housekeeping.sweep(work)),
    ping: () => read(() => housekeeping.ping()),
  };
}
