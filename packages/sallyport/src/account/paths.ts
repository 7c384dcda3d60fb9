// Where the person's own pages are.

export const paths = {
  overview: '/account',
  removeAccess: '/account/remove-access',
  removeAllAccess: '/account/remove-all-access',
  newToken: '/account/new-token',
  revokeToken: '/account/revoke-token',
  endSession: '/account/end-session',
  endOtherSessions: '/account/end-other-sessions',
  link: '/account/link',
  unlink: '/account/unlink',
  password: '/account/password',
  delete: '/account/delete',
  deleted: '/account/deleted',
} as const;
