import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  addSecret,
  createSecrets,
  hmac,
  keychainsOf,
  keyInUse,
  purposes,
  readSecrets,
  readSecretsDocument,
  retireSecret,
  SecretsOutdated,
  type SecretsDocument,
} from '@sallyport/crypto';

const now = 1_800_000_000;
const idsOf = (document: SecretsDocument) => document.derivation.keys.map(({ id }) => id);

describe('secrets', () => {
  it('survive print and parse, one key for each purpose', () => {
    const document = createSecrets(now);
    const again = readSecrets(JSON.parse(JSON.stringify(document)));
    const marks = purposes.map((purpose) => hmac(keyInUse(again[purpose], now), 'x'));
    assert.equal(new Set(marks).size, 3);
    assert.deepEqual(
      marks,
      purposes.map((purpose) => hmac(keyInUse(readSecrets(document)[purpose], now), 'x')),
    );
  });

  it('of version 1 are read as they are, in use since ever', () => {
    const entry = (byte: number) => ({
      id: `id-${byte}`,
      key: Buffer.alloc(32, byte).toString('base64url'),
    });
    const keys = { sealing: entry(1), cookies: entry(2), derivation: entry(3) };
    const read = readSecretsDocument({ version: 1, keys });
    const expected = (purpose: keyof typeof keys) => ({
      keys: [{ ...keys[purpose], createdAt: 0, usedFromAt: 0 }],
      retired: [],
    });
    assert.deepEqual(read, {
      version: 2,
      sealing: expected('sealing'),
      cookies: expected('cookies'),
      derivation: expected('derivation'),
    });
    assert.deepEqual(readSecretsDocument(JSON.parse(JSON.stringify(read))), read);
    assert.equal(keyInUse(readSecrets({ version: 1, keys }).sealing, now).id, 'id-1');
  });

  it('are refused when damaged, by the name of the member and without its value', () => {
    const good = createSecrets(now);
    const [entry] = good.sealing.keys;
    const withSealing = (...keys: unknown[]) => ({ ...good, sealing: { keys, retired: [] } });
    const rows: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /not a JSON object/],
      [null, /not a JSON object/],
      [7, /not a JSON object/],
      [[], /not a JSON object/],
      [{}, /"version" is not 1 or 2/],
      [{ ...good, version: 3 }, /"version" is not 1 or 2/],
      [{ version: 1 }, /no "keys"/],
      [{ version: 1, keys: {} }, /"keys\.sealing\.id" is missing/],
      [{ version: 2 }, /"sealing" is missing/],
      [withSealing(), /"sealing\.keys" is empty/],
      [withSealing({ ...entry, key: 'c2hvcnQ' }), /"sealing\.keys\[0\]\.key" is not 32 bytes/],
      [withSealing(entry, { ...entry, id: '' }), /"sealing\.keys\[1\]\.id" is missing/],
      [withSealing({ ...entry, usedFromAt: 1.5 }), /"sealing\.keys\[0\]\.usedFromAt"/],
      [withSealing({ ...entry, createdAt: undefined }), /"sealing\.keys\[0\]\.createdAt"/],
      [withSealing(entry, entry), /two keys of "sealing" have the same "id"/],
      [{ ...good, sealing: { keys: [entry], retired: [entry?.id] } }, /have the same "id"/],
      [{ ...good, sealing: { keys: [entry] } }, /"sealing\.retired" is not a list/],
    ];
    for (const [bad, says] of rows) {
      assert.throws(
        () => readSecrets(bad),
        (error: unknown) => {
          assert.ok(error instanceof TypeError);
          assert.match(error.message, says);
          assert.ok(!error.message.includes('c2hvcnQ') && !error.message.includes(entry?.key ?? ''));
          return true;
        },
      );
    }
  });

  it('have ids that no command line takes for an option', () => {
    for (let i = 0; i < 300; i++)
      for (const id of idsOf(createSecrets(now))) assert.match(id, /^\w[\w-]{7}$/);
  });
});

describe('a key that is added', () => {
  const { document, id } = addSecret(createSecrets(now), 'derivation', { now, usedFromAt: now + 60 });
  const [first = ''] = idsOf(document);
  const { derivation } = readSecrets(document);

  it('is known before it is used', () => {
    assert.equal(keyInUse(derivation, now + 59).id, first);
    assert.equal(keyInUse(derivation, now + 60).id, id);
  });

  it('leaves the other purposes as they were', () => {
    assert.equal(document.cookies.keys.length, 1);
    assert.equal(document.sealing.keys.length, 1);
  });

  it('is not what a clock that is behind everything falls back to', () => {
    assert.equal(keyInUse(derivation, 0).id, first);
  });

  it('gives way to a still newer one whose time has come', () => {
    const newer = addSecret(document, 'derivation', { now, usedFromAt: now + 10 });
    const keys = readSecrets(newer.document).derivation;
    assert.equal(keyInUse(keys, now + 10).id, newer.id);
    assert.equal(keyInUse(keys, now + 60).id, newer.id);
  });
});

describe('a keychain', () => {
  const old = createSecrets(now);
  const { document: both, id: next } = addSecret(old, 'derivation', { now, usedFromAt: now + 60 });
  const [first = ''] = idsOf(old);

  it('makes with the current key, and knows all, the newest first', () => {
    let at = now;
    const { derivation } = keychainsOf({ read: () => readSecrets(both), now: () => at });
    assert.equal(derivation.current.id, first);
    at += 60;
    assert.equal(derivation.current.id, next);
    assert.deepEqual(
      derivation.known.map(({ id }) => id),
      [next, first],
    );
  });

  it('looks for newer secrets once before it says that it does not know a key', async () => {
    let document = old;
    let looks = 0;
    const { derivation } = keychainsOf({
      read: () => readSecrets(document),
      now: () => now,
      async renew() {
        looks += 1;
        document = both;
      },
    });
    assert.equal((await derivation.find(first))?.id, first);
    assert.equal(looks, 0);
    assert.equal((await derivation.find(next))?.id, next);
    assert.equal(looks, 1);
    await assert.rejects(derivation.find('unknown'), (error: unknown) => {
      assert.ok(error instanceof SecretsOutdated);
      assert.equal(error.keyId, 'unknown');
      return true;
    });
    assert.equal(looks, 2);
  });

  it('tells a key that was retired from one that it has never heard of', async () => {
    const left = retireSecret(both, 'derivation', first);
    assert.deepEqual(idsOf(left), [next]);
    assert.ok(!JSON.stringify(left).includes(old.derivation.keys[0]?.key ?? ''));
    const { derivation } = keychainsOf({ read: () => readSecrets(left), now: () => now });
    assert.equal(await derivation.find(first), undefined);
    await assert.rejects(derivation.find('unknown'), SecretsOutdated);
  });
});
