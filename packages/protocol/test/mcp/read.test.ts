// Any bytes in; a value or a refusal out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readInbound, readJsonRpcMessage, refuseUnreadHead, refusalResponse } from '../../src/index.ts';
import {
  decodeHeaderText,
  encodeHeaderText,
  isJsonContentType,
  readInitialize,
  printError,
  printResult,
} from '../../src/index.ts';

const good = new Headers({
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
});
const bytes = (text: string) => new TextEncoder().encode(text);

const anyHeaders = fc
  .record(
    {
      accept: fc.constantFrom('*/*', 'application/json, text/event-stream'),
      'content-type': fc.string({ unit: 'grapheme-ascii' }),
      'mcp-protocol-version': fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.constant('2026-07-28')),
      'mcp-method': fc.string({ unit: 'grapheme-ascii' }),
      'mcp-name': fc.string({ unit: 'grapheme-ascii' }),
    },
    { requiredKeys: [] },
  )
  .map((given) => new Headers(given));

async function isValueOrRefusal(body: Uint8Array, headers: Headers): Promise<void> {
  const read = readInbound(body, headers);
  if (read.kind === 'inbound') {
    assert.ok(read.messages.length > 0);
    assert.ok(read.era === 'legacy' || read.messages.length === 1);
    return;
  }
  const response = refusalResponse(read);
  assert.ok(response.status >= 400 && response.status < 500);
  const printed = (await response.json()) as { jsonrpc: string; error: { code: number; message: string } };
  assert.equal(printed.jsonrpc, '2.0');
  assert.ok(Number.isInteger(printed.error.code));
  assert.notEqual(printed.error.message, '');
}

test('any bytes are messages or a refusal', async () => {
  const property = fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), anyHeaders, isValueOrRefusal);
  await fc.assert(property, { numRuns: 2000 });
});

test('any JSON is messages or a refusal', async () => {
  const property = fc.asyncProperty(fc.json(), anyHeaders, (text, headers) =>
    isValueOrRefusal(bytes(text), headers),
  );
  await fc.assert(property, { numRuns: 2000 });
});

test('a message that nests deeper than the stack is a refusal', async () => {
  const depth = 200_000;
  const body = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
  await isValueOrRefusal(bytes(body), good);
});

test('of very many things that are wrong only the first are listed, so that no answer dwarfs its request', () => {
  const wrong = Array.from({ length: 100_000 }, () => 1);
  const clientInfo = { name: 'a', version: '1', icons: wrong };
  for (const params of [
    { protocolVersion: '2025-11-25', capabilities: {}, clientInfo },
    {
      protocolVersion: '2025-11-25',
      capabilities: { experimental: Object.fromEntries(wrong.entries()) },
      clientInfo: { name: 'a', version: '1' },
    },
  ]) {
    const read = readInitialize({ kind: 'request', id: 1, method: 'initialize', params });
    assert.ok(!read.ok);
    assert.ok(read.issues.length >= 10 && read.issues.length <= 200, String(read.issues.length));
  }
});

test('any HTTP method but POST, and any content type but JSON, is refused before the body is read', () => {
  fc.assert(
    fc.property(fc.string(), (method) => {
      assert.equal(
        refuseUnreadHead(method, good)?.reason,
        method === 'POST' ? undefined : 'method_not_allowed',
      );
    }),
  );
  fc.assert(
    fc.property(fc.string(), (type) => {
      if (isJsonContentType(type)) assert.match(type.trim().toLowerCase(), /^application\/json/);
    }),
  );
});

test('what was read is what was sent: id, method and params', () => {
  const params = fc
    .dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 })
    .filter((given) => !('_meta' in given));
  const id = fc.oneof(fc.string(), fc.maxSafeInteger());
  fc.assert(
    fc.property(id, fc.string(), params, (given, method, sent) => {
      const message = JSON.parse(JSON.stringify({ jsonrpc: '2.0', id: given, method, params: sent })) as {
        id: unknown;
        params: unknown;
      };
      assert.deepEqual(readJsonRpcMessage(message), {
        kind: 'request',
        id: message.id,
        method,
        params: message.params,
      });
    }),
  );
});

test('what is printed is an answer, and carries the id, the result or the error that it was given', () => {
  const id = fc.oneof(fc.string(), fc.maxSafeInteger());
  fc.assert(
    fc.property(id, fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (given, result, message) => {
      const answer = JSON.parse(printResult(given, JSON.stringify(result))) as unknown;
      const expected = { jsonrpc: '2.0', id: given, result };
      assert.equal(JSON.stringify(answer), JSON.stringify(expected));
      const error = JSON.parse(printError(given, { code: -32602, message })) as unknown;
      assert.equal(readJsonRpcMessage(error)?.kind, 'response');
      assert.deepEqual(error, { jsonrpc: '2.0', id: given, error: { code: -32602, message } });
    }),
  );
  assert.ok(!printError(null, { code: 1, message: 'x', data: undefined }).includes('data'));
});

test('a request never has the members of an answer, nor any other', () => {
  for (const member of ['result', 'error', 'extra', '__proto__']) {
    const text = `{"jsonrpc":"2.0","id":1,"method":"ping","${member}":{}}`;
    assert.equal(readJsonRpcMessage(JSON.parse(text)), undefined, member);
  }
});

test('any text can be said in a header and is the same afterwards', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const header = encodeHeaderText(text);
      assert.match(header, /^[\x20-\x7e]*$/);
      assert.equal(new Headers({ 'mcp-name': header }).get('mcp-name'), header);
      assert.equal(decodeHeaderText(header), text);
    }),
    { numRuns: 1000 },
  );
});

test('a sentinel whose base64 is not canonical is no text', () => {
  for (const header of [
    '=?base64?YQ?=',
    '=?base64?YQ=?=',
    '=?base64?Y?=',
    '=?base64?YQ==YQ==?=',
    '=?base64?/w==?=',
    '=?base64?_w==?=',
  ]) {
    assert.equal(decodeHeaderText(header), undefined, header);
  }
  assert.equal(decodeHeaderText('=?base64?YQ==?='), 'a');
  assert.equal(decodeHeaderText('=?base64?YQ=='), '=?base64?YQ==');
});
