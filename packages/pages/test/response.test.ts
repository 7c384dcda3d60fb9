import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  assetResponse,
  favicon,
  httpsUrl,
  logoTypeOf,
  lookOf,
  problemPage,
  pageResponse,
  redirectResponse,
  stylesheet,
} from '@sallyport/pages';
import { samples } from './samples.ts';

describe('a page leaves', () => {
  const response = pageResponse(samples['sign-in']!, { traceId: 'abc', setCookies: ['a=1', 'b=2'] });

  it('with the headers that keep it private, unframed and without scripts of others', () => {
    const headers = Object.fromEntries(response.headers);
    delete headers['set-cookie'];
    assert.deepEqual(headers, {
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; frame-ancestors 'none'; base-uri 'none'",
      'content-type': 'text/html; charset=utf-8',
      'referrer-policy': 'no-referrer',
      'sallyport-trace': 'abc',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  it('without form-action, which would stop the redirects after the form', () => {
    assert.doesNotMatch(response.headers.get('content-security-policy') ?? '', /form-action/);
  });

  it('without an opener policy, which would cut off the client that opened it in a popup', () => {
    assert.equal(response.headers.get('cross-origin-opener-policy'), null);
  });

  it('with every cookie, and with status 200 unless another is named', () => {
    assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
    assert.equal(response.status, 200);
    assert.equal(pageResponse(samples['problem']!, { traceId: 't', status: 410 }).status, 410);
  });

  it('as the page itself', async () => {
    assert.equal(await pageResponse(samples['home']!, { traceId: 't' }).text(), String(samples['home']));
  });
});

describe('a redirect', () => {
  it('is a 303 that nobody keeps', () => {
    const response = redirectResponse('/next', { setCookies: ['a=1'] });
    assert.equal(response.status, 303);
    assert.equal(response.headers.get('location'), '/next');
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
    assert.deepEqual(response.headers.getSetCookie(), ['a=1']);
    assert.equal(response.body, null);
  });

  it('goes to any scheme that the caller trusts', () => {
    const location = 'cursor://host/cb?code=a%2Fb&state=x';
    assert.equal(redirectResponse(location).headers.get('location'), location);
  });

  it('cannot be made to carry another header', () => {
    const { headers } = redirectResponse('/a\r\nSet-Cookie: x=1 ü\ud800');
    assert.equal(headers.get('location'), '/a%0D%0ASet-Cookie:%20x=1%20%C3%BC%EF%BF%BD');
    assert.deepEqual(headers.getSetCookie(), []);
  });
});

describe('httpsUrl', () => {
  it('gives an https URL back in its normal form', () => {
    assert.equal(httpsUrl('https://EXAMPLE.com'), 'https://example.com/');
    assert.equal(httpsUrl('https://example.com/a?b=<c>'), 'https://example.com/a?b=%3Cc%3E');
  });

  it('refuses everything else', () => {
    for (const text of [
      '',
      'example.com',
      '//example.com',
      '/path',
      'http://example.com',
      'javascript:alert(1)//https://example.com',
      'data:text/html,https://',
      'https://user@example.com',
      'https://user:secret@example.com',
      'https://',
      `https://example.com/${'a'.repeat(2048)}`,
    ]) {
      assert.equal(httpsUrl(text), undefined, text);
    }
  });
});

describe('the stylesheet and the mark', () => {
  it('are served for ever at paths that carry their hash', async () => {
    assert.match(stylesheet.path, /^\/assets\/sallyport-[0-9a-f]{12}\.css$/);
    assert.match(favicon.path, /^\/assets\/sallyport-[0-9a-f]{12}\.svg$/);
    const response = assetResponse(stylesheet.path);
    assert.equal(await response?.text(), stylesheet.content);
    assert.match(response?.headers.get('cache-control') ?? '', /immutable/);
    assert.match(response?.headers.get('content-type') ?? '', /^text\/css/);
    assert.equal(await assetResponse(favicon.path)?.text(), favicon.content);
    assert.equal(assetResponse(favicon.path)?.headers.get('content-type'), 'image/svg+xml');
  });

  it('are nowhere else', () => {
    assert.equal(assetResponse('/assets/sallyport-000000000000.css'), undefined);
    assert.equal(assetResponse('/'), undefined);
  });

  it('are small, ask nobody else for anything, and move nothing', () => {
    assert.ok(stylesheet.content.length < 8000, `${stylesheet.content.length} bytes`);
    for (const text of [stylesheet.content, favicon.content].map(String)) {
      assert.doesNotMatch(text, /url\(|@import|animation|transition|<script|\son[a-z]+=/);
    }
    assert.doesNotMatch(String(favicon.content), /style=|<style|href/);
  });

  it('are the operator’s own where they chose a logo and a colour, and only then', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    const content = Buffer.from(svg);
    const look = lookOf({ name: 'Gate', accent: '#7a1fa2', logo: { type: 'image/svg+xml', content } });
    const page = String(problemPage({ look, traceId: 't', title: 'T', sentence: 'S.' }));
    assert.ok(page.includes(`<img src="${look.icon?.path}" alt="">`));
    assert.ok(!page.includes(favicon.path) && !page.includes(stylesheet.path));
    const css = await assetResponse(look.stylesheet?.path ?? '', look)?.text();
    assert.match(css ?? '', /--accent:#7a1fa2/);
    // What is verified looks the same whatever the operator's colour, which might be that of a warning.
    assert.match(css ?? '', /--proven:#0f5c66/);
    assert.match(css ?? '', /\.verified\{color:var\(--proven\)\}/);
    const logo = assetResponse(look.icon?.path ?? '', look);
    assert.equal(await logo?.text(), svg);
    assert.equal(logo?.headers.get('content-type'), 'image/svg+xml');
    // Opened by itself it is a document of our origin: none of its scripts may run.
    assert.match(logo?.headers.get('content-security-policy') ?? '', /^default-src 'none';.* sandbox;/);
    assert.equal(logo?.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(assetResponse(look.icon?.path ?? ''), undefined);
    assert.deepEqual(lookOf({ name: 'Gate' }), { name: 'Gate' });
  });

  it('show the mark in the operator’s colour where there is no logo', () => {
    const { icon } = lookOf({ name: 'Gate', accent: '#7a1fa2' });
    assert.match(String(icon?.content), /fill="#7a1fa2"/);
  });

  it('are pictures of four kinds, by what is in them and not by what they are called', () => {
    const kinds: [string | Uint8Array, string | undefined][] = [
      ['<svg></svg>', 'image/svg+xml'],
      ['\uFEFF<?xml version="1.0"?>\n<!-- made by hand -->\n<svg xmlns="">', 'image/svg+xml'],
      ['<html><svg></svg></html>', undefined],
      ['<svgs>', undefined],
      // As many comments as fit, before something else: told at once, however they could be taken apart.
      [`${'<!---->'.repeat(500)}<html>`, undefined],
      [`${'<!-- a -- b > -->'.repeat(100)}<svg>`, 'image/svg+xml'],
      ['', undefined],
      [Buffer.from('89504e470d0a1a0a', 'hex'), 'image/png'],
      [Buffer.from('ffd8ffe0', 'hex'), 'image/jpeg'],
      ['RIFF1234WEBPVP8 ', 'image/webp'],
      ['GIF89a', undefined],
    ];
    for (const [content, type] of kinds)
      assert.equal(logoTypeOf(typeof content === 'string' ? Buffer.from(content) : content), type);
  });
});
