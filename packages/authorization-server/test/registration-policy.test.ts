// Each rung of the ladder, and each way of coming.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  describeMode,
  judgeAdmission,
  offersRegistration,
  refusals,
  registrationModes,
} from '@sallyport/authorization-server';

const hosts = { allowedHosts: ['claude.ai'] };

// Columns: no token, a bad one, a good one; a document of an allowed host, of another, and where documents are off.
const table = {
  open: ['admitted', 'admitted', 'admitted', 'admitted', 'document_host_refused'],
  token: [
    'initial_access_token_required',
    'initial_access_token_refused',
    'admitted',
    'admitted',
    'document_host_refused',
  ],
  'metadata-documents': [
    'registration_by_document_only',
    'initial_access_token_refused',
    'admitted',
    'admitted',
    'document_host_refused',
  ],
  approval: ['waiting', 'waiting', 'admitted', 'waiting', 'document_host_refused'],
  closed: [
    'registration_closed',
    'registration_closed',
    'registration_closed',
    'admitted',
    'document_host_refused',
  ],
} as const;

for (const mode of registrationModes)
  test(`in mode ${mode}, who comes in which way is let in, waits or is refused`, () => {
    const policy = { mode, metadataDocuments: hosts };
    const judged = (coming: Parameters<typeof judgeAdmission>[1]) => {
      const admission = judgeAdmission(policy, coming);
      return 'reason' in admission ? admission.reason : admission.admission;
    };
    assert.deepEqual(
      [
        ...(['none', 'bad', 'good'] as const).map((initialAccessToken) =>
          judged({ by: 'registration', initialAccessToken }),
        ),
        judged({ by: 'document', host: 'claude.ai' }),
        judged({ by: 'document', host: 'evil.example' }),
      ],
      table[mode],
    );
    assert.deepEqual(judgeAdmission({ mode }, { by: 'document', host: 'claude.ai' }), {
      admission: 'refused',
      reason: 'metadata_documents_off',
    });
    assert.deepEqual(judgeAdmission(policy, { by: 'operator' }), { admission: 'admitted' });
    assert.ok(describeMode(policy).startsWith(`${mode}: `));
  });

test('in mode metadata-documents without a list, no document is let in', () => {
  const policy = { mode: 'metadata-documents', metadataDocuments: {} } as const;
  assert.equal(judgeAdmission(policy, { by: 'document', host: 'claude.ai' }).admission, 'refused');
});

test('every refusal is a row of the table, and the endpoint is offered exactly where a token at least would do', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...registrationModes),
      fc.constantFrom('none' as const, 'bad' as const, 'good' as const),
      fc.option(fc.record({ allowedHosts: fc.option(fc.array(fc.domain()), { nil: undefined }) }), {
        nil: undefined,
      }),
      fc.domain(),
      (mode, initialAccessToken, metadataDocuments, host) => {
        const policy = { mode, ...(metadataDocuments && { metadataDocuments }) };
        for (const coming of [
          { by: 'registration', initialAccessToken } as const,
          { by: 'document', host } as const,
        ]) {
          const judged = judgeAdmission(policy, coming);
          if ('reason' in judged) assert.ok(judged.reason in refusals, judged.reason);
        }
        const withToken = judgeAdmission(policy, { by: 'registration', initialAccessToken: 'good' });
        assert.equal(offersRegistration(policy), withToken.admission === 'admitted');
      },
    ),
  );
});
