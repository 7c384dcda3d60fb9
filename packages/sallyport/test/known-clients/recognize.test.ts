// What proves a client's name and what only looks like it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { recognizer, shippedList } from '../../src/known-clients/index.ts';
import { filledIn } from '../../src/known-clients/pattern.ts';
import { resemblanceOf, skeletonOf } from '../../src/known-clients/skeleton.ts';

const recognize = recognizer(shippedList);

function dynamic(client_name: string | undefined, ...redirect_uris: string[]) {
  const metadata = {
    redirect_uris,
    token_endpoint_auth_method: 'none',
    grant_types: [],
    response_types: [],
    ...(client_name !== undefined && { client_name }),
  };
  return { client_id: 'c', registeredBy: 'dynamic' as const, metadata };
}
const published = (client_id: string, client_name: string, ...uris: string[]) => ({
  ...dynamic(client_name, ...uris),
  client_id,
  registeredBy: 'document' as const,
});

const CLAUDE = 'https://claude.ai/api/mcp/auth_callback';
const EVIL = 'https://evil.example.com/callback';

describe('a client is known', () => {
  it('by an https redirect URI that leads to it alone, whatever it calls itself', () => {
    assert.deepEqual(recognize(dynamic('Anything', CLAUDE), CLAUDE), {
      known: { id: 'claude', name: 'Claude', maker: 'Anthropic', by: 'redirect' },
    });
  });
  it('by the address of its document, exact or of one connection', () => {
    const ids = [
      ['https://claude.ai/oauth/mcp-oauth-client-metadata', 'claude'],
      ['https://chatgpt.com/oauth/client.json', 'chatgpt'],
      ['https://chatgpt.com/oauth/aB3/client.json', 'chatgpt'],
      ['https://chatgpt.com/oauth/codex/client.json', 'codex'],
      ['https://chatgpt.com/oauth/codex/aB3/client.json', 'codex'],
    ];
    for (const [url = '', id] of ids)
      assert.equal(recognize(published(url, 'x', 'http://localhost/callback')).known?.id, id, url);
  });
  it('by all its addresses when none is asked for: one of somebody else’s is too many', () => {
    assert.equal(
      recognize(dynamic('Claude', CLAUDE, 'https://claude.com/api/mcp/auth_callback')).known?.id,
      'claude',
    );
    assert.equal(recognize(dynamic('Claude', CLAUDE, EVIL)).known, undefined);
    assert.equal(
      recognize(dynamic('Claude', CLAUDE, 'https://chatgpt.com/connector/oauth/a')).known,
      undefined,
    );
    // This answer goes to Claude, whatever other addresses the client has.
    assert.equal(recognize(dynamic('Claude', CLAUDE, EVIL), CLAUDE).known?.id, 'claude');
    assert.equal(recognize(dynamic('Claude', CLAUDE, EVIL), EVIL).known, undefined);
  });
});

describe('a client is not known', () => {
  it('by loopback, a private-use scheme, a relay, or a platform that others build on', () => {
    for (const { redirects } of shippedList.clients)
      for (const { uri, reaches } of redirects)
        if (reaches !== 'client')
          assert.equal(recognize(dynamic('x', filledIn(uri)), filledIn(uri)).known, undefined, uri);
  });
  it('by anything near its address', () => {
    for (const uri of [
      `${CLAUDE}/`,
      `${CLAUDE}?x`,
      'https://claude.ai/',
      'https://claude.ai.evil.example/api/mcp/auth_callback',
      'https://CLAUDE.ai/api/mcp/auth_callback',
      'https://claude.ai:443/api/mcp/auth_callback',
      'http://claude.ai/api/mcp/auth_callback',
      'https://claude.ai@evil.example/api/mcp/auth_callback',
    ])
      assert.equal(recognize(dynamic('x', uri), uri).known, undefined, uri);
  });
  it('by what was said of another, or of itself before its name or address changed', () => {
    const names = ['Claude', 'Bench', undefined];
    const clients = Array.from({ length: 1_500 }, (_, i) => ({
      ...dynamic(names[i % 3], i % 2 === 0 ? EVIL : CLAUDE),
      client_id: `c${i % 700}`,
    }));
    for (const client of [...clients, ...clients]) {
      const [uri = ''] = client.metadata.redirect_uris;
      assert.deepEqual(recognize(client, uri), recognizer(shippedList)(client, uri));
    }
  });
  it('by where it goes, when its own document says something else of who it is', () => {
    const other = recognize(published('https://evil.example.com/client.json', 'Claude', CLAUDE), CLAUDE);
    assert.equal(other.known, undefined);
    assert.equal(other.calledLike?.id, 'claude');
  });
  it('never, for random addresses', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), (uri) => {
        assert.equal(recognize(dynamic('x', uri), uri).known, undefined);
      }),
    );
  });
});

describe('a name that people know is noticed', () => {
  const likeOf = (name: string, uri = EVIL) => recognize(dynamic(name, uri), uri).calledLike;
  it('as it is, in other letters, with spaces, marks and signs, with an ending', () => {
    for (const name of [
      'Claude',
      'claude',
      'CLAUDE',
      ' C l a u d e ',
      'Сlаudе',
      'CIaude',
      'C1aude',
      'Ｃｌａｕｄｅ',
      'Cláude',
      'Clаude Desktop',
      'Claude by Anthropic',
      'Claude.ai',
      'ClaudeAI',
      'Cluade',
      'Claudee',
      'C-l-a-u-d-e',
      '𝒞laude',
      'Official Claude',
    ])
      assert.equal(likeOf(name)?.id, 'claude', name);
    assert.equal(likeOf('ChatGPT')?.id, 'chatgpt');
    assert.equal(likeOf('Chat GPT')?.id, 'chatgpt');
    assert.equal(likeOf('ChatGTP')?.id, 'chatgpt');
    assert.equal(likeOf('VS Code')?.id, 'vscode');
    assert.equal(likeOf('Visual Studio C0de')?.id, 'vscode');
    assert.equal(likeOf('Cursоr')?.id, 'cursor');
  });
  it('as the closest of several', () => {
    assert.equal(likeOf('Claude Code (records)')?.id, 'claude-code');
    assert.equal(likeOf('Gemini CLI MCP Client')?.id, 'gemini-cli');
  });
  it('but other names are left alone', () => {
    for (const name of ['Example app', 'Zedd reader', 'Mongoose admin', 'Notes', 'A', '', '🙂', 'Groktopus'])
      assert.equal(likeOf(name), undefined, name);
  });
  it('with where it goes, which is what a person can judge', () => {
    assert.equal(likeOf('Claude', EVIL)?.goesTo, 'elsewhere');
    assert.equal(likeOf('Claude Code', 'http://localhost:3118/callback')?.goesTo, 'computer');
    // Some program here, of which no more is known than of the real one.
    assert.equal(likeOf('Claude', 'http://127.0.0.1:1/x')?.goesTo, 'computer');
    assert.equal(likeOf('VS Code', 'https://vscode.dev/redirect')?.goesTo, 'computer');
    assert.equal(likeOf('n8n', 'https://oauth.n8n.cloud/oauth2/callback')?.goesTo, 'platform');
    assert.equal(likeOf('Claude', 'https://oauth.n8n.cloud/oauth2/callback')?.goesTo, 'elsewhere');
  });
  it('not of clients that the operator has named', () => {
    assert.deepEqual(recognize({ ...dynamic('Claude', EVIL), registeredBy: 'operator' }), {});
    assert.deepEqual(recognize({ ...dynamic('Claude', EVIL), registeredBy: 'configuration' }), {});
  });
  it('in the longest name that a stranger can register too, soon enough', { timeout: 60_000 }, async () => {
    // One letter of it becomes eighteen. Compared anew with each row, word by word, a single page took a second.
    const long = 'ﷺ '.repeat(128);
    for (let times = 0; times < 200; times += 1) {
      assert.equal(likeOf(long), undefined);
      assert.equal(likeOf(`Claude ${long}`)?.id, 'claude');
      await setImmediate();
    }
  });
  it('for every row under each of its names', () => {
    for (const { id, name, alsoCalled = [] } of shippedList.clients)
      for (const called of [name, ...alsoCalled]) assert.equal(likeOf(called)?.id, id, called);
  });
});

describe('a skeleton', () => {
  it('of a skeleton is itself, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const once = skeletonOf(name);
        assert.equal(skeletonOf(skeletonOf(once)), skeletonOf(once));
        assert.ok(resemblanceOf(name)(name) > 0 || once === '');
      }),
    );
  });
});
