import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { browserRules, clearCookie, cookieName, openBrowser, readCookie, setCookie } from '@sallyport/pages';
import { oneKey } from './one-key.ts';

const keys = oneKey();
const secure = browserRules('https://mcp.example.com', keys);
const local = browserRules('http://localhost:8000', keys);
const carrying = (cookie: string) => new Request('http://localhost:8000/', { headers: { cookie } });

describe('a cookie', () => {
  it('on https is bound to this very host, and never readable by a script', () => {
    const header = setCookie(secure, 'session', 'v', { maxAgeSeconds: 60 });
    assert.equal(header, '__Host-sallyport-session=v; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax');
    assert.doesNotMatch(header, /domain/i);
  });

  it('on http carries the port, so that two on one machine keep apart', () => {
    assert.equal(
      setCookie(local, 'session', 'v'),
      'sallyport-session-8000=v; Path=/; HttpOnly; SameSite=Lax',
    );
    assert.equal(
      cookieName(browserRules('http://gate.example.com', keys), 'browser'),
      'sallyport-browser-80',
    );
    assert.notEqual(
      cookieName(local, 'browser'),
      cookieName(browserRules('http://localhost:8001', keys), 'browser'),
    );
  });

  it('comes back as it was set', () => {
    for (const rules of [secure, local]) {
      for (const value of ['abc', 'a b;c="d"', 'ü🚪', '%41']) {
        const pair = setCookie(rules, 'session', value).split(';')[0] ?? '';
        assert.equal(readCookie(carrying(`other=1; ${pair}; more=2`), rules, 'session'), value);
      }
    }
  });

  it('of one kind is not read as the other, nor one of http on https', () => {
    assert.equal(readCookie(carrying('__Host-sallyport-browser=v'), secure, 'session'), undefined);
    assert.equal(readCookie(carrying('sallyport-session-8000=v'), secure, 'session'), undefined);
    assert.equal(readCookie(carrying('x__Host-sallyport-session=v'), secure, 'session'), undefined);
  });

  it('that was cleared is gone at once and reads as absent', () => {
    assert.match(clearCookie(secure, 'session'), /^__Host-sallyport-session=; Max-Age=0; Path=\/;.* Secure/);
    assert.equal(readCookie(carrying('__Host-sallyport-session='), secure, 'session'), undefined);
  });
});

describe('the browser', () => {
  it('gets an id of 32 random bytes when it has none', () => {
    const first = openBrowser(carrying(''), local);
    const second = openBrowser(carrying(''), local);
    assert.match(first.id, /^[\w-]{43}$/);
    assert.notEqual(first.id, second.id);
    assert.equal(first.setCookie, setCookie(local, 'browser', first.id));
  });

  it('keeps the id it has', () => {
    const { id } = openBrowser(carrying(''), local);
    assert.deepEqual(openBrowser(carrying(`sallyport-browser-8000=${id}`), local), { id });
  });

  it('loses an id that was not made here', () => {
    const { id } = openBrowser(carrying(''), local);
    for (const made of [
      'x',
      id.slice(1),
      `${id}A`,
      `${id.slice(0, 42)}+`,
      `${id.slice(0, 42)}B`,
      '%00'.repeat(43),
    ]) {
      const opened = openBrowser(carrying(`sallyport-browser-8000=${made}`), local);
      assert.notEqual(opened.id, made);
      assert.ok(opened.setCookie);
    }
  });
});

describe('the public URL', () => {
  it('is http or https', () => {
    assert.throws(() => browserRules('ftp://example.com', keys), TypeError);
    assert.throws(() => browserRules('example.com', keys), TypeError);
  });
});
