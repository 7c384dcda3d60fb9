// Calls every operation of a store once or more, so that every statement of every script is asked for.

import assert from 'node:assert/strict';
import type { DurableStorage } from '../src/operations/index.ts';
import * as samples from './contract/samples.ts';

const {
  aClient,
  aCode,
  aConsent,
  aDocumentClient,
  aGrant,
  aKey,
  anIdentity,
  aLoginEvent,
  anAccessToken,
  anItem,
  anOutboundRegistration,
  anUpstreamSignIn,
  aPaused,
  aPersonalAccessToken,
  aRecordsClient,
  aSession,
  aTag,
  aToken,
  aUser,
  aVaultEntry,
  digestOf,
  now,
} = samples;

/** Lists for an operator, questions whether there is any row, and the newest of many: these read a table on purpose. */
export const readsATable = [
  /^SELECT .* FROM users ORDER BY created_at, email$/s,
  /^SELECT .* FROM identities ORDER BY/s,
  /^SELECT id FROM users WHERE client_id IS NULL LIMIT 1$/,
  /^SELECT version FROM sallyport_migrations LIMIT 1$/,
  /^SELECT .* FROM clients ORDER BY/s,
  /^SELECT client_id FROM clients WHERE configured IS NOT NULL$/,
  /^SELECT .* FROM signing_keys ORDER BY/s,
  /^SELECT .* FROM initial_access_tokens ORDER BY name$/s,
  /^SELECT .* FROM outbound_registrations ORDER BY/s,
  /^SELECT .* FROM login_events WHERE trace_id IN/s,
  /^DELETE FROM login_events .* OFFSET/s,
  /^INSERT INTO users .* WHERE NOT EXISTS/s,
  /^DELETE FROM signing_keys WHERE EXISTS/s,
  /^SELECT refresh_tokens.key_id, COUNT/s,
];

/** @param storage an empty one */
export async function callEverything(storage: DurableStorage): Promise<void> {
  const called = new Set<string>();
  const all = new Proxy(storage, {
    get(target, name, receiver) {
      called.add(String(name));
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  await all.addFirstUser(aUser());
  await all.addUser(aUser({ id: 'user-2' }));
  await all.hasUsers();
  await all.findUser('user-1');
  await all.findUserByEmail('a@example.com');
  await all.listUsers();
  await all.keepSession(aSession());
  await all.findSession(aSession().digest, now);
  await all.setPassword({ userId: 'user-1', passwordHash: 'x', now });
  await all.listSessions('user-1', now);
  await all.markSessionSeen(aSession().digest, now);
  await all.endOtherSessions({ userId: 'user-1', keep: 'x' });
  await all.endSession(aSession().digest);
  await all.addUserWithIdentity({ user: aUser({ id: 'user-3' }), identity: anIdentity() });
  await all.addUserWithIdentity({ user: aUser({ id: 'user-4' }), identity: anIdentity(), isFirst: true });
  await all.addUserWithIdentity({ user: aUser({ id: 'user-4' }), identity: anIdentity() });
  await all.findIdentity(anIdentity());
  await all.listIdentities();
  await all.listIdentities('user-3');
  await all.linkIdentity({ identity: anIdentity({ userId: 'user-3' }) });
  await all.linkIdentity({ identity: anIdentity({ userId: 'user-3' }), isInvited: true });
  await all.noteIdentitySignIn({ ...anIdentity(), now });
  await all.setOperatorByRule({ userId: 'user-3', provider: 'example', isOperator: true, now });
  await all.setOperatorByRule({ userId: 'user-3', provider: 'example', isOperator: false, now });
  await all.endAccessOfIdentity({ ...anIdentity(), userId: 'user-3', now });
  await all.unlinkIdentity({ ...anIdentity(), userId: 'user-3', ways: ['password'], now });
  await all.addClient(aClient());
  await all.findClient('client-1');
  await all.listClients();
  await all.keepDocumentClient({ client: aDocumentClient(), maxUnused: 10 });
  await all.keepDocumentClient({
    client: aDocumentClient({ client_id: 'https://w.example.com/', admission: 'waiting' }),
    maxUnused: 10,
    maxWaiting: 10,
  });
  await all.replaceClientSecret({ client_id: 'client-1', secretDigest: 'x' });
  await all.endFormerSecret('client-1');
  await all.keepConfiguredClients([aClient({ client_id: 'configured', registeredBy: 'configuration' })]);
  await all.keepConfiguredClients([]);
  const most = { unused: 1, unusedOfToken: 1, waiting: 1 };
  const identical = { metadataDigest: 'd', unusedSince: now };
  const registering = { most, evictBefore: now, now };
  const client = aClient({ client_id: 'registered', metadataDigest: 'd' });
  await all.registerClient({ ...registering, client, identical });
  await all.registerClient({
    ...registering,
    client: aClient({ client_id: 'vouched', registeredWith: 'ci', registrationDigest: 'r' }),
    initialAccessToken: 'x',
  });
  await all.addInitialAccessToken({ name: 'ci', digest: 'x', createdAt: now, uses: 0 });
  await all.registerClient({
    ...registering,
    client: aClient({ client_id: 'vouched', registeredWith: 'ci', registrationDigest: 'r' }),
    initialAccessToken: 'x',
  });
  await all.registerClient({
    ...registering,
    client: aClient({ client_id: 'waiting', admission: 'waiting' }),
    identical: { metadataDigest: 'other', unusedSince: now },
  });
  await all.registerClient({ ...registering, client: aClient({ client_id: 'another' }) });
  await all.findIdenticalClient({ ...identical, isWaiting: false });
  await all.changeRegistration({
    client_id: 'vouched',
    registrationDigest: 'r',
    metadata: client.metadata,
    metadataDigest: 'd',
    mustWait: true,
  });
  await all.decideClient({ client_id: 'vouched', decision: 'approved', now });
  await all.decideClient({ client_id: 'vouched', decision: 'refused', now });
  await all.findInitialAccessToken('x');
  await all.listInitialAccessTokens();
  await all.removeInitialAccessToken('ci');
  await all.keepPausedAuthorization(aPaused());
  await all.findPausedAuthorization(aPaused().id, now);
  await all.findConsent(aConsent());
  const granting = { pausedId: aPaused().id, grant: aGrant(), code: aCode(), consent: aConsent(), now };
  await all.grantAuthorization(granting);
  await all.grantAuthorization(granting);
  await all.denyAuthorization({ pausedId: aPaused().id, userId: 'user-1', now });
  await all.findCode(aCode().digest);
  await all.redeemCode(samples.redeem({ accessToken: anAccessToken() }));
  await all.findRefreshToken(aToken().digest);
  await all.rotateRefreshToken(samples.rotate('token-1', 'token-2'));
  await all.rotateRefreshToken(samples.rotate('token-1', 'token-2'));
  await all.redeemCode(samples.redeem());
  await all.findAccessToken(anAccessToken().digest);
  await all.findGrant('grant-1');
  await all.revokeGrant('grant-1', now);
  await all.markGrantsUsed([{ grantId: 'grant-1', at: now }]);
  await all.listClientAccess('user-1', now);
  await all.removeClientAccess({
    userId: 'user-1',
    of: { clientId: 'client-1', resource: aGrant().resource },
    now,
  });
  await all.removeClientAccess({ userId: 'user-1', of: 'everything', now });
  const token = aPersonalAccessToken();
  const personal = { token, digest: digestOf('personal'), maxOfPerson: 9, traceId: 'trace-1' };
  assert.equal(await all.addPersonalAccessToken(personal), 'added');
  await all.listPersonalAccessTokens({ userId: 'user-1', now });
  await all.listPersonalAccessTokens({ now });
  await all.removePersonalAccessToken({ id: token.id, userId: 'user-1', now });
  const ownScope = { [aGrant().resource]: ['read'] };
  const machine = aClient({ client_id: 'machine', registeredBy: 'operator', ownScope });
  await all.addClient(machine);
  const ofItself = aGrant({ id: 'own', userId: 'machine', clientId: 'machine', scope: ['read'] });
  await all.keepOwnGrant({ client: machine, grant: ofItself, now });
  await all.findOwnGrant({ clientId: 'machine', resource: ofItself.resource, scope: ['read'], now });
  await all.setOwnScope({ client_id: 'machine', ownScope: undefined, now });
  await all.addSigningKey({ key: aKey(), after: undefined });
  await all.addSigningKey({ key: aKey({ kid: 'kid-2' }), after: 'kid-1' });
  const elsewhere = { digest: digestOf('code elsewhere'), grantId: 'grant-3', expiresAt: now + 9 };
  await all.hasPersonAndClient({ userId: 'user-1', clientId: 'client-1' });
  const keeping = { grant: aGrant({ id: 'grant-3' }), codeDigest: elsewhere.digest, now };
  await all.keepGrantOfCode(keeping);
  await all.keepGrantOfCode(keeping);
  await all.findGrantOfCode(elsewhere);
  await all.redeemGrant({ code: elsewhere, grantExpiresAt: now + 9, now });
  await all.redeemGrant({ code: elsewhere, grantExpiresAt: now + 9, now });
  await all.listSigningKeys();
  await all.removeSigningKey({ kid: 'kid-1', now: now + 1 });
  await all.listSealedValues({ kind: 'signing_key', limit: 10 });
  await all.replaceSealedValue({
    kind: 'signing_key',
    id: 'kid-2',
    from: aKey().sealedPrivateJwk,
    to: new Uint8Array(1),
  });
  await all.countRefreshTokensByKey(now);
  const own = { id: 'none', userId: 'user-1', now };
  const page = { userId: 'user-1', limit: 10, offset: 0 };
  await all.addTag(aTag());
  await all.findTag('tag-1');
  await all.listTags(page);
  await all.changeTag({ ...own, name: 'x' });
  await all.addItem(anItem(), ['tag-1']);
  await all.findItem('item-1');
  await all.listItems(page);
  await all.changeItem({ ...own, id: 'item-1', tagIds: ['none'] });
  await all.addRecordsClient(aRecordsClient(), ['tag-1']);
  await all.findRecordsClient('records-client-1');
  await all.listRecordsClients(page);
  await all.changeRecordsClient({ ...own, id: 'records-client-1', tagIds: [] });
  await all.removeItem(own);
  await all.removeRecordsClient(own);
  await all.removeTag(own);
  await all.keepUpstreamSignIn(anUpstreamSignIn());
  const { state, provider, browser } = anUpstreamSignIn();
  await all.takeUpstreamSignIn({ state, provider, browser, now });
  await all.claim({ kind: 'client_assertion', id: 'id', expiresAt: now + 9, now });
  await all.releaseClaim({ kind: 'client_assertion', id: 'id', expiresAt: now + 9 });
  const entry = { id: 'entry-1', generation: 7, now };
  assert.equal(await all.keepVaultEntry({ ...aVaultEntry(), now }), 'kept');
  await all.findVaultEntry('entry-1');
  await all.listVaultEntries({ userId: 'user-1', provider: 'github' });
  await all.listDueVaultEntries({ now, limit: 10 });
  await all.replaceVaultTokens({ ...entry, generation: 6, sealed: new Uint8Array(1) });
  await all.markVaultEntryDead({ ...entry, generation: 6, reason: 'x' });
  await all.postponeVaultEntry({ ...entry, generation: 6, refreshAt: now });
  await all.noteVaultAsked({ ...entry, generation: 6 });
  await all.endVaultEntryWithAccess({ ...entry, generation: 6, reason: 'x' });
  await all.listSealedValues({ kind: 'vault_entry', limit: 10 });
  await all.replaceSealedValue({
    kind: 'vault_entry',
    id: 'entry-1',
    from: aVaultEntry().sealed,
    to: new Uint8Array(1),
  });
  await all.removeVaultEntry('entry-1');
  const registration = anOutboundRegistration();
  assert.equal(await all.keepOutboundRegistration({ registration }), 'kept');
  await all.findOutboundRegistration(registration.id);
  await all.listOutboundRegistrations();
  await all.listSealedValues({ kind: 'outbound_registration', limit: 10 });
  const sealedAnew = { from: registration.sealed, to: new Uint8Array(1) };
  await all.replaceSealedValue({ kind: 'outbound_registration', id: registration.id, ...sealedAnew });
  await all.forgetOutboundRegistration(registration);
  await all.listDueRevocations({ now, limit: 10 });
  await all.beginRevocation({ id: 'entry-1', tries: 0, tryAt: now });
  await all.endRevocation({ id: 'entry-1', tries: 1 });
  await all.keepLoginEvents([aLoginEvent()]);
  await all.findLoginEvents('trace-1');
  await all.listLoginEvents(10);
  await all.sweep({ now, unusedClientsBefore: now, limit: 10 });
  await all.ping();
  await all.removeClient('client-1');
  await all.addUser(aUser({ id: 'operator', role: 'operator' }));
  await all.isLastOperator('operator');
  await all.removeUserUnlessNeeded('operator');
  await all.removeUser('user-1');
  const expected = Object.keys(storage).filter(
    (name) => !['onChange', 'openCounter', 'close'].includes(name),
  );
  assert.deepEqual([...called].sort(), expected.sort());
}
