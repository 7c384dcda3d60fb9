// The name, the logo and the colour of whoever runs it: from the configuration to the page and the files that it asks for.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ConfigInvalid, loadConfig } from '../src/config/index.ts';
import { openHouse } from './house/open-house.ts';
import { call } from './program/call.ts';
import { temporaryFolder } from './program/run.ts';

const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>';

function folderWith(t: TestContext, yaml: string, files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, 'sallyport.yaml'), yaml);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
  return cwd;
}

function problemsIn(cwd: string): readonly string[] {
  try {
    loadConfig({ environment: {}, cwd });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigInvalid)) throw error;
    return error.problems.map(({ key, what }) => `${key} ${what.replace(cwd, '…')}`);
  }
}

describe('an operator’s own look', () => {
  it('is on every page, and its files are served from here', async (t) => {
    const cwd = folderWith(t, "look: { name: Example, logo: ./logo.svg, accent: '#7A1FA2' }", {
      'logo.svg': svg,
    });
    const { look } = loadConfig({ environment: {}, cwd });
    const house = await openHouse({ configure: (config) => ({ ...config, look }) });
    t.after(() => house.close());
    for (const path of ['/', '/sign-up?setup=wrong', '/oauth/authorize?client_id=made-up']) {
      const page = await house.ask(path, { headers: { accept: 'text/html' } });
      const html = await page.text();
      assert.match(html, /<bdi>Example<\/bdi>/, path);
      const [logo = '', style = ''] = [/<img src="([^"]*)"/, /rel="stylesheet" href="([^"]*)"/].map(
        (pattern) => pattern.exec(html)?.[1] ?? '',
      );
      assert.equal(await (await house.ask(logo)).text(), svg);
      const css = await house.ask(style);
      assert.match(css.headers.get('cache-control') ?? '', /immutable/);
      assert.match(await css.text(), /--accent:#7a1fa2/);
    }
  });

  it('may have its logo in a data: URL, or in another folder', (t) => {
    const data = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
    const environment = { SALLYPORT_LOOK_LOGO: data };
    const { look } = loadConfig({ environment, cwd: temporaryFolder(t) });
    assert.equal(look.logo?.type, 'image/svg+xml');
    assert.equal(String(look.logo.content), svg);
    const cwd = folderWith(t, 'look: { logo: pictures/logo }');
    mkdirSync(join(cwd, 'pictures'));
    writeFileSync(join(cwd, 'pictures', 'logo'), Buffer.from('89504e470d0a1a0a', 'hex'));
    assert.equal(loadConfig({ environment: {}, cwd }).look.logo?.type, 'image/png');
  });

  it('is refused at the start when its logo cannot be shown', (t) => {
    assert.deepEqual(problemsIn(folderWith(t, 'look: { logo: logo.svg }')), [
      'look.logo names …/logo.svg, which cannot be read (ENOENT)',
    ]);
    const page = '<!doctype html><svg></svg>';
    assert.deepEqual(problemsIn(folderWith(t, 'look: { logo: logo.svg }', { 'logo.svg': page })), [
      'look.logo is no picture that every browser shows',
    ]);
    const folder = folderWith(t, 'look: { logo: pictures }');
    mkdirSync(join(folder, 'pictures'));
    assert.deepEqual(problemsIn(folder), ['look.logo names …/pictures, which is no file']);
    // What says of itself that it is empty and never ends would fill the memory.
    assert.deepEqual(problemsIn(folderWith(t, 'look: { logo: /dev/zero }')), [
      'look.logo names /dev/zero, which is no file',
    ]);
    const large = svg.padEnd(131_073, ' ');
    assert.deepEqual(problemsIn(folderWith(t, 'look: { logo: logo.svg }', { 'logo.svg': large })), [
      'look.logo names …/logo.svg, which has 131073 bytes that every page would wait for',
    ]);
    const inline = `look: { logo: "data:image/svg+xml,${encodeURIComponent(large)}" }`;
    assert.deepEqual(problemsIn(folderWith(t, inline)), [
      'look.logo is a picture of 131073 bytes, which every page would wait for',
    ]);
  });

  it('is told by `sallyport check`, with the shades of a colour that could not be read', async (t) => {
    const cwd = folderWith(t, "look: { accent: '#ffb000' }");
    const { stdout } = await call(['check'], { cwd });
    assert.match(
      stdout,
      /ok +look +the accent #ffb000 is shown as #[0-9a-f]{6} on light pages and #ffb000 on dark/,
    );
  });
});
