import assert from 'node:assert/strict';
import { it } from 'node:test';
import { browserKind } from '../src/browser-kind.ts';

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const kinds: Readonly<Record<string, string | undefined>> = {
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0': 'Firefox on Linux',
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/138.0.0.0 Safari/537.36`]: 'Chrome on Windows',
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0`]:
    'Edge on Windows',
  [`Mozilla/5.0 (Linux; Android 10; K) ${webkit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`]:
    'Samsung Internet on Android',
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webkit} Chrome/138.0.0.0 Safari/537.36`]: 'Chrome on ChromeOS',
  [`Mozilla/5.0 (X11; Linux x86_64) ${webkit} HeadlessChrome/138.0.0.0 Safari/537.36`]: 'Chrome on Linux',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15':
    'Safari on Mac',
  'Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0 Mobile/15E148 Safari/604.1':
    'Chrome on iPad',
  'Lynx/2.9.2 (Linux)': 'A browser on Linux',
  'curl/8.14.1': undefined,
  '<script>alert(1)</script> Firefox/1': 'Firefox',
  '': undefined,
};

for (const [userAgent, kind] of Object.entries(kinds)) {
  it(`calls "${userAgent.slice(0, 70)}" ${kind ?? 'nothing'}`, () => {
    assert.equal(browserKind(userAgent), kind);
  });
}

it('calls a browser that says nothing of itself nothing', () => {
  assert.equal(browserKind(null), undefined);
});
