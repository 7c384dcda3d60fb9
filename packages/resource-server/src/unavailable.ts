// The issuer was needed and could not be asked. That says nothing about any token: the answer is 503, never 401, which
// would cost the person a sign-in.

/** `message` says what was wrong, for the operator; it never holds a token or a secret. */
export class AuthorizationServerUnavailable extends Error {
  override readonly name: string = 'AuthorizationServerUnavailable';
}

/** The issuer did not say what a token means. */
export class IntrospectionUnavailable extends AuthorizationServerUnavailable {
  override readonly name = 'IntrospectionUnavailable';
}
