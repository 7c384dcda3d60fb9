// The house and other people's clients may live in one process: opening the door must not change what a Response is.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openListeningHouse } from '../house/listening-house.ts';

it('every Response is one after the door has opened: what fetch returns, and what is made', async () => {
  const native = globalThis.Response;
  const house = await openListeningHouse();
  try {
    const fetched = await fetch(new URL('/health', house.origin));
    assert.equal(Object.getPrototypeOf(fetched), native.prototype);
    assert.ok(fetched instanceof Response);
    assert.deepEqual(await fetched.json(), { status: 'ok' });
    for (const made of [new Response('x'), Response.json({}), new native('x'), fetched]) {
      assert.ok(made instanceof Response);
      assert.ok(made instanceof native);
    }
    for (const other of [{ status: 200, headers: new Headers() }, new Request(house.origin), null])
      assert.ok(!(other instanceof Response));
    // Copying one that fetch returned is what a proxy does.
    const copy = new Response('body', new native(null, { status: 418, headers: { 'x-kept': 'yes' } }));
    assert.deepEqual([copy.status, copy.headers.get('x-kept'), await copy.text()], [418, 'yes', 'body']);
  } finally {
    await house.close();
  }
});
