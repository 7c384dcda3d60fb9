// Which client it is, and whether it is let in: a page.

/** The heading where a client's metadata document cannot be used, whichever room says why. */
export const uncheckedTitle = 'This app could not be checked';

export const ofClients = {
  client_unknown: {
    error: 'invalid_client',
    status: 400,
    title: 'This app is not known here',
    sentence:
      'It is not registered here, or its registration was removed. In the app, remove this connection (and its saved sign-in), then add it again.',
  },
  client_withdrawn: {
    error: 'invalid_client',
    status: 400,
    title: 'This app is not known here any more',
    sentence:
      'The operator of this server has taken it out of the configuration. Ask the operator, if you still need it.',
  },
  metadata_documents_off: {
    error: 'invalid_client',
    status: 400,
    title: 'This app is not known here',
    sentence:
      'It names itself by a web address, which is not accepted here. Ask the operator of this server to add it.',
  },
  client_id_url_refused: {
    error: 'invalid_client',
    status: 400,
    title: 'The app’s request is damaged',
    sentence:
      'It names itself by a web address that cannot be one (client_id): that must be an https URL with a path, in its exact usual spelling, without user name and fragment. Its maker has to mend this.',
  },
  document_host_refused: {
    error: 'invalid_client',
    status: 400,
    title: 'This app is not allowed here',
    sentence:
      'The operator of this server lets in apps from certain web addresses only, and this one is not among them. Ask the operator to add it.',
  },
  document_type_refused: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'What is at the app’s address is no JSON document (application/json), but perhaps a web page. Its maker has to mend this.',
  },
  document_malformed: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The document at the app’s address is no clean JSON: it is damaged, or names a member twice. Its maker has to mend this.',
  },
  document_client_id_differs: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The document at the app’s address is about another app: its client_id is not exactly that address. Its maker has to mend this.',
  },
  document_has_secret: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The document at the app’s address contains a secret or asks for a shared one, and everybody can read it there. Its maker has to take it out, and to replace what was published.',
  },
  document_auth_method_unsupported: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The app wants to prove itself in a way that this server does not support: for apps with a document of their own that is “none” or private_key_jwt. Ask the operator to add the app by hand.',
  },
  document_redirect_uris_refused: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The document at the app’s address lists no usable return address (redirect_uris), or a dangerous one. Its maker has to mend this.',
  },
  document_incomplete: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The document at the app’s address lacks something that is required, or has it in the wrong form. Its maker has to mend this.',
  },
  document_jwks_uri_refused: {
    error: 'invalid_client',
    status: 400,
    title: uncheckedTitle,
    sentence:
      'The document at the app’s address says that its keys are at a place that is not public (jwks_uri). Its maker has to mend this.',
  },
  documents_asked_too_often: {
    error: 'temporarily_unavailable',
    status: 429,
    title: uncheckedTitle,
    sentence: 'The app’s address was asked too often in a short time. Wait a minute, then try again.',
  },
  documents_full: {
    error: 'temporarily_unavailable',
    status: 503,
    title: uncheckedTitle,
    sentence: 'Too many apps that are new here want to connect at the moment. Try again in an hour.',
  },
  client_waits: {
    error: 'access_denied',
    status: 403,
    title: 'This app waits for approval',
    sentence:
      'The operator of this server lets in new apps one by one, and has not decided on this one yet. Nothing was sent to it.',
  },
  client_refused: {
    error: 'access_denied',
    status: 403,
    title: 'This app is not allowed here',
    sentence: 'The operator of this server has refused this app. Nothing was sent to it.',
  },
} as const;
