// What another registration mode would mean: said before it is set, and true when it is.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AdmissionPolicy } from '@sallyport/authorization-server';
import { shippedList } from '../../src/known-clients/index.ts';
import { forecast, previewOf, shutOut, type Outcome } from '../../src/known-clients/preview.ts';
import { call } from '../program/call.ts';
import { temporaryFolder } from '../program/run.ts';

const { clients } = shippedList;
const open: AdmissionPolicy = { mode: 'open', metadataDocuments: {} };

function outcomes(policy: AdmissionPolicy): Record<string, Outcome> {
  return Object.fromEntries(clients.map((row) => [row.id, forecast(row, policy).outcome]));
}
function forecastOf(id: string, policy: AdmissionPolicy) {
  const row = clients.find((one) => one.id === id);
  assert.ok(row);
  return forecast(row, policy);
}

describe('the forecast for a client of the field', () => {
  it('is that everybody connects where everything is open, but for those who never register themselves', () => {
    for (const [id, outcome] of Object.entries(outcomes(open)))
      assert.equal(outcome, id === 'chatgpt-actions' ? 'by hand' : 'connects', id);
    assert.equal(forecastOf('claude', open).way, 'document');
    assert.equal(forecastOf('gemini-cli', open).way, 'dynamic');
  });
  it('is that documents alone let in who has one', () => {
    const policy: AdmissionPolicy = {
      mode: 'metadata-documents',
      metadataDocuments: { allowedHosts: ['claude.ai', 'chatgpt.com'] },
    };
    const all = outcomes(policy);
    assert.equal(all['claude'], 'connects');
    assert.equal(all['claude-code'], 'connects');
    assert.equal(all['codex'], 'connects');
    assert.equal(all['zed'], 'stops');
    assert.match(forecastOf('zed', policy).because, /host of its document is not on your list/);
    assert.match(
      forecastOf('zed', policy).passes ?? '',
      /Add zed\.dev to registration\.metadataDocuments\.allowedHosts/,
    );
    assert.equal(all['gemini-cli'], 'stops');
    assert.match(forecastOf('gemini-cli', policy).because, /has no metadata document/);
    assert.match(
      forecastOf('gemini-cli', policy).passes ?? '',
      /^Add it by hand: sallyport clients add --name "Gemini CLI"/,
    );
  });
  it('is that a refused document is not made up for by registering', () => {
    const policy: AdmissionPolicy = { mode: 'open', metadataDocuments: { allowedHosts: ['claude.ai'] } };
    assert.equal(forecastOf('vscode', policy).outcome, 'stops');
    assert.equal(forecastOf('gemini-cli', policy).outcome, 'connects');
  });
  it('is that a token stops whoever registers, a document does not need one, and without documents nobody is left', () => {
    const policy: AdmissionPolicy = { mode: 'token', metadataDocuments: {} };
    assert.equal(forecastOf('claude', policy).outcome, 'connects');
    assert.equal(forecastOf('perplexity', policy).outcome, 'stops');
    assert.match(forecastOf('perplexity', policy).because, /initial access token/);
    for (const [id, outcome] of Object.entries(outcomes({ mode: 'token' })))
      assert.equal(outcome, id === 'chatgpt-actions' ? 'by hand' : 'stops', id);
  });
  it('is that everybody waits for approval', () => {
    for (const [id, outcome] of Object.entries(outcomes({ mode: 'approval', metadataDocuments: {} })))
      assert.equal(outcome, id === 'chatgpt-actions' ? 'by hand' : 'waits', id);
  });
  it('is, where all is closed, that the operator adds who can be told an id, and that the rest stay out', () => {
    const policy: AdmissionPolicy = { mode: 'closed' };
    for (const [id, outcome] of Object.entries(outcomes(policy)))
      assert.equal(outcome, id === 'chatgpt-actions' ? 'by hand' : 'stops', id);
    assert.match(forecastOf('grok', policy).passes ?? '', /no place to enter a client id/);
  });
  it('names something that would pass for everybody who is stopped', () => {
    for (const mode of ['token', 'metadata-documents', 'approval', 'closed'] as const)
      for (const { id, later } of previewOf(clients, open, { mode }))
        if (later.outcome !== 'connects') assert.ok(later.passes, `${mode}: ${id}`);
  });
});

describe('of the clients of this house', () => {
  const client = (client_id: string, registeredBy: 'document' | 'dynamic') => ({
    client_id,
    registeredBy,
    metadata: { redirect_uris: [], token_endpoint_auth_method: 'none', grant_types: [], response_types: [] },
    createdAt: 0,
    traceId: 't',
  });
  it('those are shut out whose document would not be accepted any more', () => {
    const ours = [
      client('https://claude.ai/x', 'document'),
      client('https://zed.dev/x', 'document'),
      client('c', 'dynamic'),
    ];
    const only: AdmissionPolicy = { mode: 'open', metadataDocuments: { allowedHosts: ['claude.ai'] } };
    assert.deepEqual(
      shutOut(ours, open, only).map(({ client_id }) => client_id),
      ['https://zed.dev/x'],
    );
    assert.equal(shutOut(ours, open, { mode: 'closed' }).length, 2);
    assert.equal(shutOut(ours, only, open).length, 0);
    assert.equal(shutOut(ours, only, { mode: 'closed' }).length, 1);
  });
});

describe('sallyport registration preview', () => {
  it('says who could not connect any more, why, and what would help', async (t) => {
    const cwd = temporaryFolder(t);
    await call(['clients', 'add', '--name', 'x', '--redirect-uri', 'https://app.example.com/cb'], { cwd });
    const { code, stdout, stderr } = await call(['registration', 'preview', '--mode', 'closed'], { cwd });
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^Now: {2}open: every client may register/);
    assert.match(stdout, /^Then: closed: only clients that the operator adds$/m);
    assert.match(stdout, /^Could not connect \(20\)$/m);
    assert.match(
      stdout,
      /^ {2}Claude \(now: would connect\): No client may register itself\.\n {4}→ Add it by hand: npm run -s sallyport -- clients add /m,
    );
    assert.match(stdout, /^Only by hand, as in every mode \(1\)$/m);
    assert.match(stdout, /Clients that are registered here go on as before/);
  });
  it('tries a list of hosts, and prints JSON', async (t) => {
    const args = [
      'registration',
      'preview',
      '--mode',
      'open',
      '--allowed-hosts',
      'claude.ai,vscode.dev',
      '--json',
    ];
    const { code, stdout } = await call(args, { cwd: temporaryFolder(t) });
    assert.equal(code, 0);
    const told = JSON.parse(stdout) as {
      later: string;
      clients: { id: string; later: { outcome: string } }[];
    };
    assert.match(told.later, /metadata documents of claude\.ai, vscode\.dev/);
    const stopped = told.clients.filter(({ later }) => later.outcome === 'stops').map(({ id }) => id);
    assert.ok(stopped.includes('zed') && stopped.includes('cursor'));
    assert.ok(!stopped.includes('claude') && !stopped.includes('vscode') && !stopped.includes('gemini-cli'));
  });
  it('refuses what the configuration would refuse', async (t) => {
    const cwd = temporaryFolder(t);
    assert.equal((await call(['registration', 'preview', '--mode', 'shut'], { cwd })).code, 2);
    assert.equal((await call(['registration', 'preview'], { cwd })).code, 2);
    const host = ['registration', 'preview', '--mode', 'open', '--allowed-hosts', 'https://claude.ai/'];
    assert.match((await call(host, { cwd })).stderr, /no host name/);
  });
});
