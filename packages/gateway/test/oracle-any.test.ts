// The same comparison over requests that nobody wrote down: messages put together at random from right and wrong parts.
// Not compared: tools with names of inherited members (`constructor`), which the SDK calls disabled instead of unknown,
// and batches in which an id is used twice, of which the SDK answers one (ours answers each request).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { callerWith, observe, ours, requestOf, sdkWithJson } from './oracle.ts';
import { envelope } from './requests.ts';
import { definition, schemas } from './sample-toolset.ts';

const caller = callerWith(['read', 'write', 'admin']);
const gate = ours(definition, caller);
const official = sdkWithJson(definition, caller, schemas);

const version = fc.constantFrom('2026-07-28', '2025-11-25', '2025-06-18', '2027-01-01', '1.0', 'x');
const method = fc.constantFrom(
  'initialize',
  'ping',
  'tools/list',
  'tools/call',
  'server/discover',
  'subscriptions/listen',
  'resources/read',
  'prompts/get',
  'notifications/initialized',
  'notifications/cancelled',
  'nothing',
);
const name = fc.constantFrom('whoami', 'add', 'refuse', 'greet', 'sample://notes/1', 'unknown', '', 'ü');
const odd = fc.constantFrom(null, 0, 1, 1.5, '', 'x', true, [], {}, [1], { a: 1 });
const id = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(1, 2, 'a') }, odd);

/** Mostly right, sometimes anything. */
function rather<Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 19, arbitrary }, odd);
}

const meta = fc.oneof(
  { weight: 3, arbitrary: fc.constant(envelope) },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        'io.modelcontextprotocol/protocolVersion': rather(version),
        'io.modelcontextprotocol/clientCapabilities': rather(
          fc.record(
            { roots: odd, sampling: odd, elicitation: fc.constantFrom({}, { form: {} }, 1), extensions: odd },
            { requiredKeys: [] },
          ),
        ),
        'io.modelcontextprotocol/clientInfo': rather(
          fc.record({ name: rather(name), version: rather(version) }, { requiredKeys: [] }),
        ),
        progressToken: rather(fc.constantFrom(1, 'a')),
      },
      { requiredKeys: [] },
    ),
  },
);

const params = fc.record(
  {
    _meta: rather(meta),
    name: rather(name),
    arguments: rather(
      fc.record(
        {
          one: rather(fc.integer({ max: 200 })),
          whom: rather(fc.string()),
          other: rather(fc.double({ noNaN: true })),
        },
        { requiredKeys: [] },
      ),
    ),
    cursor: odd,
    uri: rather(name),
    protocolVersion: rather(version),
    capabilities: rather(fc.constant({})),
    clientInfo: rather(fc.constant({ name: 'x', version: '1' })),
    notifications: rather(fc.constant({ toolsListChanged: true })),
    requestState: odd,
  },
  { requiredKeys: [] },
);

const message = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 20, arbitrary: fc.constant<unknown>('2.0') }, odd),
    id,
    method: fc.oneof({ weight: 20, arbitrary: method }, odd),
    params: fc.oneof({ weight: 20, arbitrary: params }, odd),
    result: fc.constantFrom({}, { _meta: {} }, { _meta: 1 }, 1),
    error: fc.constantFrom({ code: 1, message: '' }, { code: 'x' }, 1),
  },
  { requiredKeys: ['jsonrpc'] },
);

/** One that is nearly a request: without it, most messages fall at the first hurdle. */
const call = fc
  .record({ id: fc.constantFrom(1, 'a'), method, params })
  .map((parts) => ({ jsonrpc: '2.0', ...parts }));

const body = fc.oneof(
  { weight: 6, arbitrary: call },
  { weight: 4, arbitrary: message },
  {
    weight: 2,
    arbitrary: fc.uniqueArray(fc.oneof(call, message as fc.Arbitrary<{ id?: unknown }>), {
      maxLength: 4,
      selector: ({ id: used }) => JSON.stringify(used),
    }),
  },
);

const headers = fc
  .record(
    {
      'mcp-protocol-version': fc.oneof({ weight: 3, arbitrary: fc.constant('2026-07-28') }, version),
      'mcp-method': method,
      'mcp-name': fc.oneof(
        fc.constantFrom('whoami', 'add', 'unknown', '=?base64?d2hvYW1p?=', '=?base64?w7w=?=', '=?base64?x?='),
      ),
    },
    { requiredKeys: [] },
  )
  .map((given) => ({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...given,
  }));

test('any message gets the answer that the SDK gives', async () => {
  const property = fc.asyncProperty(body, headers, fc.boolean(), async (sent, given, agree) => {
    const matching = agree ? matchingHeaders(sent) : {};
    const raw = { name: 'any', headers: { ...given, ...matching }, body: sent };
    const [mine, theirs] = await Promise.all(
      [gate, official].map(async (serve) => observe(await serve(requestOf(raw)))),
    );
    assert.deepEqual(mine, theirs);
  });
  await fc.assert(property, { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) });
});

/** Half of the time the headers mirror the body, so that what lies behind them is reached too. */
function matchingHeaders(sent: unknown): Record<string, string> {
  const { method: called, params: given } = Object(sent) as { method?: unknown; params?: unknown };
  const { name: tool, _meta } = Object(given) as { name?: unknown; _meta?: unknown };
  const claimed = (Object(_meta) as Record<string, unknown>)['io.modelcontextprotocol/protocolVersion'];
  return {
    ...(typeof called === 'string' && { 'mcp-method': called }),
    ...(typeof tool === 'string' && { 'mcp-name': tool === 'ü' ? '=?base64?w7w=?=' : tool }),
    ...(typeof claimed === 'string' && { 'mcp-protocol-version': claimed }),
  };
}
