// Every way in which this room says no. Whoever asked for the document decides who reads the sentence.
import { refusalsOf } from '@sallyport/protocol';

export const refusals = {
  url_refused: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The address is no https URL without user name and fragment, so nothing is fetched from it.',
  },
  port_refused: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The address names a port. Documents are fetched from the usual port of https (443) only.',
  },
  address_refused: {
    error: 'invalid_request',
    status: 400,
    sentence:
      'The address leads to this computer or into a private or reserved network, where nothing is fetched from.',
  },
  name_unresolved: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The host name in the address was not found. Try again in a few minutes.',
  },
  host_unreachable: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The server at the address could not be reached. Try again in a few minutes.',
  },
  certificate_refused: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The server at the address did not prove its name: its certificate is not valid for it.',
  },
  fetch_timed_out: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The server at the address took too long to answer. Try again in a few minutes.',
  },
  fetch_redirected: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The address only points to another one (a redirect), and these are not followed.',
  },
  fetch_status: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The server at the address answered, but not with the document. Try again in a few minutes.',
  },
  document_gone: {
    error: 'invalid_request',
    status: 400,
    sentence: 'There is no document at the address any more, or there never was one.',
  },
  document_too_large: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The document at the address is larger than such a document may be.',
  },
  document_encoded: {
    error: 'invalid_request',
    status: 400,
    sentence: 'The server at the address sends the document compressed although it was asked not to.',
  },
  fetches_busy: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence: 'Too many documents are being fetched at the moment. Try again in a few seconds.',
  },
} as const;

export const refuse = refusalsOf(refusals);
