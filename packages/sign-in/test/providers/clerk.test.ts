// Clerk: its issuer, which stands in the publishable key.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clerk, frontendApiOf } from '../../src/providers/clerk.ts';

const keyOf = (text: string, kind = 'test'): string => `pk_${kind}_${Buffer.from(text).toString('base64')}`;

describe('a publishable key of Clerk', () => {
  it('names the issuer, with and without the padding', () => {
    const issuer = 'https://example-1.clerk.accounts.dev';
    const publishableKey = keyOf('example-1.clerk.accounts.dev$');
    for (const key of [publishableKey, publishableKey.replace(/=+$/, '')])
      assert.deepEqual(clerk.issuerOf({ publishableKey: key }), { discovery: issuer, issuer });
    assert.equal(frontendApiOf(keyOf('clerk.example.com$', 'live')), 'clerk.example.com');
    assert.deepEqual(clerk.issuerOf({ publishableKey, issuer: 'https://id.example.com' }), {
      discovery: 'https://id.example.com',
      issuer: 'https://id.example.com',
    });
  });

  it('is none without its mark, with more than a host, or when it is the secret one', () => {
    for (const key of [
      keyOf('clerk.example.com'),
      keyOf('clerk.example.com$').replace('pk_', 'sk_'),
      keyOf('clerk.example.com/path$'),
      keyOf('clerk.example.com:8443$'),
      keyOf('user@clerk.example.com$'),
      keyOf('localhost$'),
      keyOf('clerk.example.com$$'),
      keyOf('$'),
      'pk_test_',
      'pk_test_§',
    ])
      assert.equal(frontendApiOf(key), undefined, key);
  });
});
