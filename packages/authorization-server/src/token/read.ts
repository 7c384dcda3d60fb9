// The form of the token, revocation and introspection endpoints.
import { readForm } from '@sallyport/pages';
import { readParameters, type Parameters } from '@sallyport/protocol';
import { MAX_FORM_BYTES } from '../limits.ts';
import { refuse } from '../refusals.ts';

export async function readTokenRequest(request: Request): Promise<Parameters> {
  // RFC 6749 §2.3.1: never in the request URI, where it would end up in logs.
  if (new URL(request.url).search !== '') throw refuse('credentials_in_query');
  const form = await readForm(request, MAX_FORM_BYTES);
  if (form === undefined) throw refuse('content_type_unsupported');
  const read = readParameters(form);
  if ('fault' in read)
    throw refuse(read.fault === 'duplicate' ? 'duplicate_parameter' : 'malformed_request', {
      parameter: read.name,
    });
  return read;
}
