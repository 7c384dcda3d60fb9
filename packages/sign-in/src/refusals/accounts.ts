// Whether who came back from a provider has an account here, or may have one.

export const ofAccounts = {
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
