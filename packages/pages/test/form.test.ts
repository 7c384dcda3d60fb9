import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readForm } from '@sallyport/pages';
import * as fc from 'fast-check';

const URLENCODED = 'application/x-www-form-urlencoded';
const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  new Request('http://localhost/', {
    method: 'POST',
    body,
    headers: { 'content-type': URLENCODED, ...headers },
  });

describe('a form', () => {
  it('is read with its decoded values', async () => {
    const form = await readForm(post('email=ada%40example.com&password=a+b%2B&empty='), 1000);
    assert.deepEqual(
      [...(form ?? [])],
      [
        ['email', 'ada@example.com'],
        ['password', 'a b+'],
        ['empty', ''],
      ],
    );
  });

  it('keeps repeated names for the caller to judge', async () => {
    const form = await readForm(post('a=1&a=2'), 1000);
    assert.deepEqual(form?.getAll('a'), ['1', '2']);
  });

  it('without a body is empty', async () => {
    const request = new Request('http://localhost/', {
      method: 'POST',
      headers: { 'content-type': URLENCODED },
    });
    assert.equal((await readForm(request, 10))?.size, 0);
  });

  it('comes back whatever was in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.string(), fc.string({ unit: 'grapheme' }))), async (pairs) => {
        const sent = new URLSearchParams(pairs);
        const read = await readForm(post(sent.toString()), 100_000);
        assert.deepEqual([...(read ?? [])], [...sent]);
      }),
    );
  });

  it('is of one media type, in UTF-8', async () => {
    const read = async (type: string) => readForm(post('a=1', { 'content-type': type }), 100);
    for (const type of [
      URLENCODED,
      'Application/X-WWW-Form-Urlencoded',
      `${URLENCODED};charset=UTF-8`,
      `${URLENCODED}; charset="utf-8"`,
      `${URLENCODED};`,
      `${URLENCODED}; charset=utf-8; boundary=x`,
    ]) {
      assert.equal((await read(type))?.get('a'), '1', type);
    }
    for (const type of [
      '',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/json',
      `x${URLENCODED}`,
      `${URLENCODED}x`,
      `text/plain, ${URLENCODED}`,
      `${URLENCODED}; charset=utf-16`,
      `${URLENCODED}; charset=iso-8859-1`,
      `${URLENCODED}; charset=utf-8; charset=utf-7`,
    ]) {
      assert.equal(await read(type), undefined, type);
    }
  });

  it('that is too large by its Content-Length is refused without reading it', async () => {
    let pulled = 0;
    const body = new ReadableStream(
      {
        pull: () => {
          pulled++;
        },
      },
      { highWaterMark: 0 },
    );
    const request = new Request('http://localhost/', {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': URLENCODED, 'content-length': '101' },
    });
    assert.equal(await readForm(request, 100), undefined);
    assert.equal(pulled, 0);
  });

  it('that is too large by its bytes is refused as soon as that shows', async () => {
    let sent = 0;
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          sent += 10;
          controller.enqueue(Buffer.alloc(10, 'a'));
        },
        cancel: () => {
          cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    const request = new Request('http://localhost/', {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': URLENCODED },
    });
    assert.equal(await readForm(request, 100), undefined);
    assert.ok(sent <= 130, `read ${sent} bytes`);
    assert.ok(cancelled);
  });

  it('that is longer than its Content-Length says is refused', async () => {
    const request = new Request('http://localhost/', {
      method: 'POST',
      body: 'a'.repeat(101),
      headers: { 'content-type': URLENCODED, 'content-length': '5' },
    });
    assert.equal(await readForm(request, 100), undefined);
  });

  it('of exactly the limit is read', async () => {
    assert.equal((await readForm(post(`a=${'x'.repeat(98)}`), 100))?.get('a')?.length, 98);
    assert.equal(await readForm(post(`a=${'x'.repeat(99)}`), 100), undefined);
  });

  it('that is broken is refused, never repaired', async () => {
    for (const body of ['a=%', 'a=%4', 'a=%zz', 'a=%u0041', 'a=%ff', 'a=%c3', 'a=%ed%a0%80', '%e0%80%af=1']) {
      assert.equal(await readForm(post(body), 100), undefined, body);
    }
    assert.equal(await readForm(post(new Uint8Array([0x61, 0x3d, 0xff])), 100), undefined);
  });

  it('that is cut off, or was read before, is refused', async () => {
    const body = new ReadableStream({
      pull: (controller) => {
        controller.error(new Error('the connection ended'));
      },
    });
    const request = new Request('http://localhost/', {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': URLENCODED },
    });
    assert.equal(await readForm(request, 100), undefined);
    const twice = post('a=1');
    await twice.text();
    assert.equal(await readForm(twice, 100), undefined);
  });
});
