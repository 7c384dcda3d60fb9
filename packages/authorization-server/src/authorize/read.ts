// Step 1, read: the parameters of an authorization request, from query or form (RFC 6749 §3.1).
import { readForm } from '@sallyport/pages';
import { readParameters } from '@sallyport/protocol';
import { MAX_FORM_BYTES, MAX_QUERY_CHARACTERS } from '../limits.ts';
import { refuse } from '../refusals.ts';
import type { AskedAuthorization } from './steps.ts';

export async function readAuthorizationRequest(request: Request): Promise<AskedAuthorization> {
  const source = request.method === 'POST' ? await readForm(request, MAX_FORM_BYTES) : queryOf(request);
  if (source === undefined) throw refuse('malformed_request');
  const read = readParameters(source);
  if ('fault' in read)
    throw refuse(read.fault === 'duplicate' ? 'duplicate_parameter' : 'malformed_request', {
      parameter: read.name,
    });
  const { client_id } = read.values;
  if (client_id === undefined) throw refuse('client_id_missing');
  return { client_id, values: read.values, resource: read.resource };
}

function queryOf(request: Request): URLSearchParams | undefined {
  const { search, searchParams } = new URL(request.url);
  return search.length > MAX_QUERY_CHARACTERS ? undefined : searchParams;
}
