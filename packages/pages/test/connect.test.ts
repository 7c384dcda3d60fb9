import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectInstructions } from '@sallyport/pages';

const instruction = (client: string, name: string, url: string) => {
  const found = connectInstructions({ name, url }).find((one) => one.client === client);
  assert.ok(found);
  return found;
};

describe('how to connect', () => {
  it('names the common clients once each', () => {
    const clients = connectInstructions({ name: 'records', url: 'https://mcp.example.com/mcp' }).map(
      ({ client }) => client,
    );
    assert.deepEqual(clients, ['Claude Code', 'Cursor', 'VS Code', 'Claude', 'ChatGPT']);
  });

  it('Claude Code is one command', () => {
    assert.equal(
      instruction('Claude Code', 'records', 'http://localhost:8000/mcp').command,
      'claude mcp add --transport http records http://localhost:8000/mcp',
    );
  });

  it('Cursor and VS Code is JSON under the key that each reads', () => {
    const url = 'https://mcp.example.com/mcp';
    assert.deepEqual(JSON.parse(instruction('Cursor', 'records', url).command ?? ''), {
      mcpServers: { records: { url } },
    });
    assert.deepEqual(JSON.parse(instruction('VS Code', 'records', url).command ?? ''), {
      servers: { records: { type: 'http', url } },
    });
  });

  it('a name becomes a word, and a URL is quoted where a shell would act on it', () => {
    const { command } = instruction(
      'Claude Code',
      'Sales figures; rm -rf /',
      "https://example.com/a;b?c='d'&e=$(f)",
    );
    assert.equal(
      command,
      `claude mcp add --transport http sales-figures-rm-rf 'https://example.com/a;b?c='\\''d'\\''&e=$(f)'`,
    );
    assert.match(instruction('Claude Code', '--', 'https://example.com/').command ?? '', / sallyport /);
    assert.match(instruction('Claude Code', '-x', 'https://example.com/').command ?? '', / http x /);
    assert.match(
      instruction('Claude Code', 'x', 'http://[::1]:8000/mcp').command ?? '',
      / 'http:\/\/\[::1\]/,
    );
  });

  it('those that call over the internet say that they cannot reach this machine', () => {
    for (const client of ['Claude', 'ChatGPT']) {
      for (const url of [
        'http://localhost:8000/mcp',
        'https://127.0.0.1/mcp',
        'http://mcp.example.com/mcp',
      ]) {
        assert.match(instruction(client, 'records', url).how, /public https address/);
      }
      assert.doesNotMatch(instruction(client, 'records', 'https://mcp.example.com/mcp').how, /public https/);
    }
  });
});
