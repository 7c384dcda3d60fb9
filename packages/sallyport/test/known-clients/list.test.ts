// The list itself: every fact has a source, every address is one that the server's own rules take, and no client's proof is
// within another's reach.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shippedList } from '../../src/known-clients/index.ts';
import { filledIn, matches, partsOf } from '../../src/known-clients/pattern.ts';
import { knownClientList, type KnownClientList } from '../../src/known-clients/schema.ts';

const copy = (): KnownClientList => structuredClone(shippedList);
const refusedBecause = (list: unknown): string => {
  const read = knownClientList.safeParse(list);
  assert.ok(!read.success);
  return read.error.issues.map(({ message }) => message).join('; ');
};

describe('the shipped list of known clients', () => {
  it('has the clients of the field', () => {
    const ids = shippedList.clients.map(({ id }) => id);
    for (const id of ['chatgpt', 'claude', 'claude-code', 'cursor', 'vscode', 'codex', 'gemini-cli', 'zed'])
      assert.ok(ids.includes(id), id);
    assert.ok(ids.length >= 20);
  });
  it('uses every source that it names, and dates none later than itself', () => {
    for (const { id, sources, ...facts } of shippedList.clients) {
      const text = JSON.stringify(facts);
      for (const [name, { date }] of Object.entries(sources)) {
        assert.ok(text.includes(`"from":"${name}"`), `${id}: ${name}`);
        assert.ok(date <= shippedList.issuedAt.slice(0, 10), `${id}: ${name}`);
      }
    }
  });
  it('knows what the document says wherever one is preferred, or says nothing of it', () => {
    for (const { id, ways, documents = [], registration } of shippedList.clients) {
      if (ways.some(({ way }) => way === 'dynamic')) assert.ok(registration, id);
      for (const { url, content } of documents)
        for (const uri of content?.['redirect_uris'] ?? [])
          assert.ok(!uri.includes('{port}'), `${url}: a document names no port that changes`);
    }
  });
});

describe('a list is refused that', () => {
  it('gives no source for a fact', () => {
    const list = copy();
    list.clients[0]!.quirks.push({ sentence: 'It is said to be fast.', from: 'hearsay' });
    assert.match(refusedBecause(list), /chatgpt: has no source "hearsay"/);
  });
  it('lets two clients have one proof', () => {
    const list = copy();
    list.clients[1]!.redirects = structuredClone(list.clients[0]!.redirects);
    assert.match(refusedBecause(list), /is chatgpt's already/);
  });
  it('proves anything by a program on the computer', () => {
    const list = copy();
    list.clients[0]!.redirects[0] = { uri: 'http://localhost/callback', reaches: 'client', from: 'docs' };
    assert.match(refusedBecause(list), /nothing else is known of it/);
    list.clients[0]!.redirects[0] = { uri: 'cursor://x/callback', reaches: 'client', from: 'docs' };
    assert.match(refusedBecause(list), /nothing else is known of it/);
  });
  it('proves a name by an address with a wide pattern', () => {
    for (const url of [
      'https://chatgpt.com/c*',
      'https://chatgpt.com/c*/callback/*',
      'https://*.chatgpt.com/callback/*',
      'https://*/callback',
      'https://chatgpt.com/callback?of=*',
      'https://chatgpt.com/callback?of=/*',
    ]) {
      const list = copy();
      list.clients[0]!.redirects[0] = { uri: url, reaches: 'client', from: 'docs' };
      assert.match(refusedBecause(list), /is too wide/, url);
      const other = copy();
      other.clients[0]!.documents![0] = { url, from: 'docs' };
      assert.match(refusedBecause(other), /is too wide/, url);
    }
  });
  it('has an address that no client may have', () => {
    for (const uri of ['javascript:alert(1)', 'http://evil.example/cb', 'https://a.example/#x', 'https:a']) {
      const list = copy();
      list.clients[0]!.redirects[0] = { uri, reaches: 'computer', from: 'docs' };
      assert.match(refusedBecause(list), /is no redirect URI/, uri);
    }
  });
  it('hides something in a document', () => {
    const list = copy();
    list.clients[0]!.documents![0]!.content = { redirect_uris: [], client_secret: 'x' };
    assert.match(refusedBecause(list), /does not belong here/);
    list.clients[0]!.documents![0]!.content = { redirect_uris: ['https://evil.example/cb'] };
    assert.match(refusedBecause(list), /does not list https:\/\/evil\.example\/cb/);
  });
  it('is longer than anybody needs', () => {
    const list = copy();
    list.clients[0]!.quirks = Array.from({ length: 41 }, () => ({ sentence: 'x', from: 'docs' }));
    assert.match(refusedBecause(list), /Too big/);
  });
});

describe('an address with a `*`', () => {
  it('means one part of the path, and nothing that could lead elsewhere', () => {
    const known = 'https://chatgpt.com/connector/oauth/*';
    assert.ok(matches(known, 'https://chatgpt.com/connector/oauth/aB3_-'));
    for (const asked of [
      'https://chatgpt.com/connector/oauth/',
      'https://chatgpt.com/connector/oauth/a/b',
      'https://chatgpt.com/connector/oauth/a?b',
      'https://chatgpt.com/connector/oauth/a.b',
      'https://chatgpt.com/connector/oauth/%2e%2e',
      'https://chatgptXcom/connector/oauth/a',
      'https://chatgpt.com.evil.example/connector/oauth/a',
      'xhttps://chatgpt.com/connector/oauth/a',
      'https://chatgpt.com/connector/oauth/a\n',
      `https://chatgpt.com/connector/oauth/${'a'.repeat(129)}`,
    ])
      assert.equal(matches(known, asked), false, asked);
  });
  it('gives back what stood there', () => {
    assert.deepEqual(
      partsOf('https://chatgpt.com/oauth/*/client.json', 'https://chatgpt.com/oauth/x1/client.json'),
      ['x1'],
    );
    assert.deepEqual(partsOf('https://a.example/', 'https://a.example/'), []);
  });
  it('is every port of a loopback host, but of no other host', () => {
    assert.ok(matches('http://localhost/callback', 'http://localhost:51234/callback'));
    assert.ok(matches('http://[::1]/cb', 'http://[::1]:80/cb'));
    assert.equal(matches('http://localhost/callback', 'http://127.0.0.1/callback'), false);
    assert.equal(matches('https://claude.ai/x', 'https://claude.ai:444/x'), false);
    assert.equal(matches('http://localhost/callback', 'http://localhost:1@evil.example/callback'), false);
  });
  it('can be filled in', () => {
    assert.equal(filledIn('http://127.0.0.1:{port}/callback/*', 'id', 5), 'http://127.0.0.1:5/callback/id');
  });
});
