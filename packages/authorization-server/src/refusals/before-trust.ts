// Authorize, before the client and its redirect URI are trusted, or when the browser comes back with nothing: a page.

export const beforeTrust = {
  malformed_request: {
    error: 'invalid_request',
    status: 400,
    title: 'The app’s request is damaged',
    sentence: 'It could not be read. Start again from the app that sent you here.',
  },
  duplicate_parameter: {
    error: 'invalid_request',
    status: 400,
    title: 'The app’s request is damaged',
    sentence: 'A parameter in it was sent twice. Start again from the app that sent you here.',
  },
  client_id_missing: {
    error: 'invalid_request',
    status: 400,
    title: 'The app’s request is incomplete',
    sentence: 'It does not say which app it is from (client_id). Start again from that app.',
  },
  redirect_uri_missing: {
    error: 'invalid_request',
    status: 400,
    title: 'The app’s request is incomplete',
    sentence:
      'The app has several return addresses and did not say which one to use (redirect_uri). Nothing was sent; its maker has to mend this.',
  },
  redirect_uri_unregistered: {
    error: 'invalid_request',
    status: 400,
    title: 'The app’s return address is not registered',
    sentence:
      'The app wants its answer at an address that it did not register (redirect_uri), so nothing was sent there. In the app, remove this connection, then add it again; if that does not help, its maker has to mend this.',
  },
  redirect_scheme_denied: {
    error: 'invalid_request',
    status: 400,
    title: 'This kind of app is not allowed here',
    sentence:
      'The app wants to be opened by a web address of its own kind (such as “cursor:”), which the operator of this server has switched off. Nothing was sent. Ask the operator, or connect with another app.',
  },
  authorization_expired: {
    error: 'invalid_request',
    status: 400,
    title: 'This request has expired',
    sentence:
      'It waited too long for an answer, or was never made here. Nothing was decided. Start again from the app that sent you here.',
  },
  authorization_decided: {
    error: 'invalid_request',
    status: 409,
    title: 'You have answered already',
    sentence:
      'This request was answered before, and nothing has changed now. Go back to the app; to change the answer, connect again there.',
  },
  cross_site_decision: {
    error: 'invalid_request',
    status: 403,
    title: 'Nothing was decided',
    sentence: 'The answer did not come from our own page, so it was not accepted. Start again from the app.',
  },
} as const;
