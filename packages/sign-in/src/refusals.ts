// Why signing in or up is refused: what the person reads, and the status it comes with.
import { refusalsOf } from '@sallyport/protocol';
import { limits } from './limits.ts';

export const refusals = {
  credentials_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'That e-mail and password do not belong together. Check both and try again.',
  },
  current_password_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'That is not your password. Check it and try again.',
  },
  account_removed: {
    error: 'access_denied',
    status: 403,
    sentence: 'This account was removed meanwhile.',
  },
  email_invalid: {
    error: 'invalid_request',
    status: 400,
    sentence: 'That is not an e-mail address. It looks like name@example.com.',
  },
  password_too_short: {
    error: 'invalid_request',
    status: 400,
    sentence: `That password is too short. Use at least ${limits.passwordMin} characters; a few random words are good.`,
  },
  password_too_long: {
    error: 'invalid_request',
    status: 400,
    sentence: `That password is too long. Use at most ${limits.passwordMax} characters.`,
  },
  email_taken: {
    error: 'invalid_request',
    status: 409,
    sentence: 'There is an account with that e-mail already.',
  },
  too_many_attempts: {
    error: 'temporarily_unavailable',
    status: 429,
    sentence: 'Too many attempts.',
  },
  busy: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence: 'Too many people are signing in at this moment.',
  },
  form_stale: {
    error: 'access_denied',
    status: 403,
    sentence: 'This form was open for too long, or cookies were cleared meanwhile. Send it once more.',
  },
  form_unreadable: {
    error: 'invalid_request',
    status: 400,
    sentence: 'What was sent could not be read. Fill in the form once more.',
  },
  cross_site: {
    error: 'access_denied',
    status: 403,
    sentence: 'Another site sent this form, so nothing was done. Fill it in here.',
  },
  passwords_unused: {
    error: 'access_denied',
    status: 403,
    sentence: 'Nobody signs in with a password here. Use one of the other ways.',
  },
  sign_up_closed: {
    error: 'access_denied',
    status: 403,
    sentence: 'Accounts are made by the operator here. Ask them for one, or sign in if you have one.',
  },
  first_account_missing: {
    error: 'access_denied',
    status: 403,
    sentence:
      'Nobody has an account here yet. Open the link that Sallyport printed when it started; it makes the first one. Then reload this page.',
  },
  setup_link_wrong: {
    error: 'access_denied',
    status: 403,
    sentence:
      'This link is not the one that Sallyport printed when it started. Copy the whole link and open it again.',
  },
  setup_link_spent: {
    error: 'access_denied',
    status: 403,
    sentence: 'The first account has been made, so this link has done its work. Sign in instead.',
  },

  // Signing in at a provider that somebody else runs. Its name stands in the page's heading.
  upstream_denied: {
    error: 'access_denied',
    status: 403,
    sentence: 'You did not allow it there, so nobody was signed in here.',
  },
  upstream_error: {
    error: 'access_denied',
    status: 403,
    sentence: 'It could not sign you in there. Try again, or sign in another way.',
  },
  upstream_unavailable: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence: 'It does not answer as it should at the moment. Try again in a minute.',
  },
  upstream_misconfigured: {
    error: 'server_error',
    status: 500,
    sentence:
      'It does not accept how this server is set up there. Trying again will not help; tell whoever runs this server.',
  },
  upstream_issuer_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'That answer names another issuer than the one you were sent to, so it was not believed.',
  },
  upstream_state_unknown: {
    error: 'access_denied',
    status: 403,
    sentence:
      'This sign-in is not known here: it was begun too long ago, or not here at all. Begin it again.',
  },
  upstream_state_expired: {
    error: 'access_denied',
    status: 403,
    sentence: 'This sign-in was begun too long ago. Begin it again.',
  },
  upstream_state_spent: {
    error: 'access_denied',
    status: 403,
    sentence:
      'This answer was used before: a page was loaded twice, or you went back. Nothing was done twice. Begin again.',
  },
  upstream_other_browser: {
    error: 'access_denied',
    status: 403,
    sentence:
      'This sign-in was begun in another browser, or its cookie was cleared meanwhile. If you began it yourself, begin it again here.',
  },
  upstream_mixed_up: {
    error: 'access_denied',
    status: 403,
    sentence:
      'This answer came from another provider than the one you were sent to, so it was not believed. Begin again.',
  },
  upstream_other_person: {
    error: 'access_denied',
    status: 403,
    sentence:
      'You came back as somebody else than who is signed in here. Sign in there with the account that you have here, or use another account on the page before.',
  },
  upstream_not_fresh: {
    error: 'access_denied',
    status: 403,
    sentence:
      'The app wants to see you sign in just now, and the provider does not say that you did. Sign in another way, or let the app ask for less.',
  },
  upstream_answer_invalid: {
    error: 'invalid_request',
    status: 400,
    sentence: 'What came back cannot be used: something is missing in it, or stands there twice.',
  },
  upstream_metadata_unusable: {
    error: 'server_error',
    status: 502,
    sentence:
      'What it says about itself cannot be read, so nobody can be signed in with it now. Try again in a few minutes; if that does not help, tell whoever runs this server.',
  },
  upstream_metadata_issuer_differs: {
    error: 'server_error',
    status: 502,
    sentence:
      'It says that it is somebody else than this server was told, so nobody was sent there. Trying again will not help; tell whoever runs this server.',
  },
  upstream_endpoint_refused: {
    error: 'server_error',
    status: 502,
    sentence:
      'It names an address that this server does not ask, in a private network or without encryption. Trying again will not help; tell whoever runs this server.',
  },
  upstream_keys_unusable: {
    error: 'server_error',
    status: 502,
    sentence:
      'The keys that prove its answers cannot be read, so nobody was signed in. Try again in a few minutes; if that does not help, tell whoever runs this server.',
  },
  upstream_code_refused: {
    error: 'access_denied',
    status: 403,
    sentence:
      'It does not honour this sign-in any more: it took too long, or was used before. Start again; you may not have to type anything.',
  },
  upstream_userinfo_unusable: {
    error: 'server_error',
    status: 502,
    sentence:
      'It did not tell who you are in a form that can be read. Try again; if that does not help, tell whoever runs this server.',
  },
  upstream_email_unverified: {
    error: 'access_denied',
    status: 403,
    sentence: 'Your e-mail address is not verified there. Verify it there, then start again.',
  },
  upstream_account_unfit: {
    error: 'access_denied',
    status: 403,
    sentence:
      'That account is closed there, or of a kind that nobody signs in with. Start again with another account.',
  },
  upstream_userinfo_subject_differs: {
    error: 'access_denied',
    status: 403,
    sentence:
      'It gave two different answers to who you are, so neither was believed and nobody was signed in.',
  },
  upstream_claim_differs: {
    error: 'access_denied',
    status: 403,
    sentence:
      'Only people of one organization are let in here, and this account is of none or of another. Start again with an account of that organization.',
  },
  upstream_groups_missing: {
    error: 'access_denied',
    status: 403,
    sentence:
      'It cannot tell all groups that you are in, because they are too many, so this server cannot judge whether you are let in; tell whoever runs this server.',
  },
  id_token_missing: {
    error: 'server_error',
    status: 502,
    sentence: 'It did not say who you are. Trying again will not help; tell whoever runs this server.',
  },
  id_token_encrypted: {
    error: 'server_error',
    status: 502,
    sentence:
      'It encrypted its answer, which this server never asked for. Trying again will not help; tell whoever runs this server.',
  },
  id_token_malformed: {
    error: 'server_error',
    status: 502,
    sentence:
      'Its answer to who you are is not in the form that it should have. Try again; if that does not help, tell whoever runs this server.',
  },
  id_token_alg_refused: {
    error: 'access_denied',
    status: 403,
    sentence: 'Its answer is not signed in a way that proves anything, so it was not believed.',
  },
  id_token_key_unknown: {
    error: 'access_denied',
    status: 403,
    sentence:
      'Its answer is signed with a key that it does not publish, so it was not believed. Try again in a minute, in case the key is new.',
  },
  id_token_key_ambiguous: {
    error: 'access_denied',
    status: 403,
    sentence:
      'Its answer does not say which of its keys it is signed with, so it was not believed. Trying again will not help; tell whoever runs this server.',
  },
  id_token_signature_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'The signature of its answer is wrong, so it was not believed. Start again.',
  },
  id_token_issuer_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'The answer is by another issuer than the one you were sent to, so it was not believed.',
  },
  id_token_audience_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'The answer is meant for another application, so it was not believed. Start again from here.',
  },
  id_token_azp_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'The answer was given to another application, so it was not believed. Start again from here.',
  },
  id_token_times_malformed: {
    error: 'server_error',
    status: 502,
    sentence:
      'Its answer does not say when it was given and how long it is good for, so it was not believed. Trying again will not help; tell whoever runs this server.',
  },
  id_token_expired: {
    error: 'access_denied',
    status: 403,
    sentence:
      'Its answer was good only until a while ago. Start again; if that does not help, a clock is wrong, here or there.',
  },
  id_token_not_yet_valid: {
    error: 'access_denied',
    status: 403,
    sentence:
      'Its answer is from the future, so a clock is wrong, here or there. Try again in a few minutes.',
  },
  id_token_nonce_wrong: {
    error: 'access_denied',
    status: 403,
    sentence:
      'The answer belongs to another sign-in than this one, so it was not believed. Start again from here.',
  },
  id_token_at_hash_wrong: {
    error: 'access_denied',
    status: 403,
    sentence: 'Two parts of its answer do not belong together, so neither was believed. Start again.',
  },
  id_token_subject_differs: {
    error: 'access_denied',
    status: 403,
    sentence:
      'It renewed the access of another person than the one whose access it was, so nothing was kept.',
  },
  id_token_subject_invalid: {
    error: 'server_error',
    status: 502,
    sentence:
      'Its answer does not say who you are in a way that could be known again. Trying again will not help; tell whoever runs this server.',
  },
  identity_issuer_changed: {
    title: 'That is another provider now',
    error: 'access_denied',
    status: 403,
    sentence:
      'Your account belongs to the provider that stood here before, and this server was pointed at another one since. Tell whoever runs this server.',
  },
  identity_of_another_account: {
    title: 'It belongs to another account',
    error: 'access_denied',
    status: 409,
    sentence:
      'It signs in to another account here, so it was not linked to yours. Sign in with it and unlink it there, or delete that account, and try again.',
  },
  link_session_changed: {
    title: 'Nothing was linked',
    error: 'access_denied',
    status: 403,
    sentence:
      'You are not signed in any more as who wanted to link it. Sign in the way you used before, and link it in your account.',
  },
  link_sign_in_old: {
    title: 'Nothing was linked',
    error: 'access_denied',
    status: 403,
    sentence: 'It is a while since you signed in. Sign in once more, and link it in your account.',
  },
  email_has_account: {
    title: 'You may have an account already',
    error: 'access_denied',
    status: 409,
    sentence:
      'An account here has the same e-mail address. If it is yours, sign in the way you used before, and link this way in your account. If it is not, tell whoever runs this server.',
  },
  person_denied: {
    title: 'You are not let in',
    error: 'access_denied',
    status: 403,
    sentence:
      'Whoever runs this server does not let in the account that you chose. Use another one, or ask them.',
  },
  verified_email_missing: {
    title: 'You are not let in',
    error: 'access_denied',
    status: 403,
    sentence:
      'Who is let in here is told by e-mail address, and the account that you chose has none that was verified. Verify it there and try again, or use another account.',
  },
  membership_unknown: {
    title: 'You are not let in',
    error: 'access_denied',
    status: 403,
    sentence:
      'Who is let in here is told by organization or group, and it was not said which ones you belong to. Try again and agree to that question if you are asked, or tell whoever runs this server.',
  },
  person_not_invited: {
    title: 'You need an invitation',
    error: 'access_denied',
    status: 403,
    sentence:
      'Accounts here are for those who were invited. Ask whoever runs this server to invite the e-mail address of the account that you chose; it must be verified there.',
  },
} as const;

export const refuse = refusalsOf(refusals);
