// Signing in and up with what a person fills in here.

import { limits } from '../limits.ts';

export const ofForms = {
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
} as const;
