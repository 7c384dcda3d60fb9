// Answers are equal, era by era, to those of a server of the official SDK with the same tools.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagesOf, callerWith, observe, ours, requestOf, sdk, sdkWithJson } from './oracle.ts';
import type { RawRequest } from './oracle.ts';
import { calls, generalRequests, oddCalls, resourceAndPromptRequests } from './requests.ts';
import { definition, schemas } from './sample-toolset.ts';

const caller = callerWith(['read']);
const gate = ours(definition, caller);
const official = sdk(definition, caller, schemas);
const officialWithJson = sdkWithJson(definition, caller, schemas);

const requests: readonly RawRequest[] = [
  ...generalRequests,
  ...resourceAndPromptRequests,
  ...oddCalls('whoami'),
  ...calls('whoami', undefined),
  ...calls('whoami', { surplus: 1 }),
  ...calls('add', { one: 1, other: 2 }),
  ...calls('add', { one: 1 }),
  ...calls('add', { one: '1', other: 2 }),
  ...calls('add', { one: 1.5, other: null, deep: [{ level: 'x' }] }),
  ...calls('add', { one: 101, other: -1 }),
  ...calls('add', {}),
  ...calls('refuse', {}),
];

for (const request of requests) {
  test(`equal: ${request.name}`, async () => {
    const [mine, theirs, theirsAsJson] = await Promise.all(
      [gate, official, officialWithJson].map(async (serve) => observe(await serve(requestOf(request)))),
    );
    assert.ok(mine && theirs && theirsAsJson);
    // Where the SDK may answer with JSON, all of it is equal.
    assert.deepEqual(mine, theirsAsJson);
    // As it is set up by default it streams what it says in the earlier era: the messages are equal, the form is not.
    assert.equal(mine.status, theirs.status);
    assert.deepEqual(messagesOf(mine), messagesOf(theirs));
    assert.equal(mine.headers['allow'], theirs.headers['allow']);
  });
}
