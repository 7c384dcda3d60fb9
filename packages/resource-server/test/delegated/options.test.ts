// What somebody may write by mistake, in JavaScript too: said when the guard is made, in words that tell what to write.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  delegatedResourceServer,
  introspection,
  protect,
  type DelegatedOptions,
  type ResourceServer,
} from '@sallyport/resource-server';
import { requireToken, wellKnown } from '@sallyport/resource-server/express';
import { issuer, resource } from './issuer.ts';

const server = { issuer };
const make = (options: unknown): ResourceServer => delegatedResourceServer(options as DelegatedOptions);
const withServer = (more: object): ResourceServer =>
  make({ resource, authorizationServer: { ...server, ...more } });
const secret = { client_id: 'notes', client_secret: 'a secret' };

describe('options of a guard', () => {
  const wrong: Readonly<Record<string, readonly [() => unknown, RegExp]>> = {
    'nothing at all': [() => make(undefined), /resource is missing: write resource:/],
    'no resource': [() => make({ authorizationServer: server }), /resource is missing/],
    'no authorization server': [() => make({ resource }), /authorizationServer is missing: write/],
    'the issuer in its place': [() => make({ resource, authorizationServer: issuer }), /\{ issuer: 'https/],
    'no issuer': [() => make({ resource, authorizationServer: {} }), /issuer is missing/],
    'a resource in the clear': [
      () => make({ resource: 'http://mcp.example.com/mcp', authorizationServer: server }),
      /resource must be https/,
    ],
    'a resource with a fragment': [
      () => make({ resource: `${resource}#x`, authorizationServer: server }),
      /resource must end before any/,
    ],
    'a resource with a query': [
      () => make({ resource: `${resource}?a=b`, authorizationServer: server }),
      /resource must end before any/,
    ],
    'the address of the metadata': [
      () => withServer({ issuer: `${issuer}/.well-known/openid-configuration` }),
      /not where the metadata is/,
    ],
    'no audience at all': [() => withServer({ audience: [] }), /audience is an empty list/],
    'nobody who judges tokens': [() => withServer({ tokens: false }), /nobody could judge a token/],
    'an id without its secret': [
      () => withServer({ introspection: { client_id: 'notes', endpoint: `${issuer}/introspect` } }),
      /client_id and client_secret are both needed/,
    ],
    'an empty secret': [
      () => introspection({ ...secret, client_secret: '', endpoint: `${issuer}/introspect` }),
      /both needed/,
    ],
    'an age that is none': [() => withServer({ maxTokenAgeSeconds: 0.5 }), /whole number of seconds/],
    'scopes in one text': [
      () => make({ resource, scopes: 'read write', authorizationServer: server }),
      /scopes and defaultScopes are lists/,
    ],
    'two scopes in one': [
      () => make({ resource, scopes: ['read write'], authorizationServer: server }),
      /"read write" is no name of a scope/,
    ],
    'a default that there is not': [
      () => make({ resource, scopes: ['read'], defaultScopes: ['raed'], authorizationServer: server }),
      /defaultScopes: "raed" is not among scopes/,
    ],
    'no guard': [() => requireToken(undefined as unknown as ResourceServer), /There is no guard/],
    'no guard of the documents': [() => wellKnown(undefined as unknown as ResourceServer), /no guard/],
    'a required scope that there is not': [
      () =>
        protect(make({ resource, scopes: ['read'], authorizationServer: server }), {
          requiredScopes: ['raed'],
        }),
      /requiredScopes: "raed" is none of the scopes of the guard: read/,
    ],
    'a required scope as a text': [
      () => protect(withServer({}), { requiredScopes: 'read' as unknown as string[] }),
      /requiredScopes is a list/,
    ],
  };
  for (const [what, [mistake, words]] of Object.entries(wrong))
    it(`with ${what} are refused at once`, () => {
      assert.throws(mistake, (error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, words);
        assert.ok(!error.message.includes('a secret'));
        return true;
      });
    });

  it('with a password in a URL do not repeat it', () => {
    assert.throws(
      () => make({ resource: 'https://u:hush@mcp.example.com/mcp', authorizationServer: server }),
      ({ message }: Error) => /must not hold a user name/.test(message) && !message.includes('hush'),
    );
  });
});
