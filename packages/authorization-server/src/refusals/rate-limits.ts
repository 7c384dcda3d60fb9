// Too often (RFC 6585 §4). `temporarily_unavailable` is the code that clients keep their registration and tokens for;
// an unknown one makes some of them begin anew, with a sign-in.

export const ofRateLimits = {
  too_many_registrations: {
    error: 'temporarily_unavailable',
    status: 429,
    sentence:
      'Too many clients registered from this network just now. Nothing is wrong with this one: try again after the seconds in Retry-After.',
  },
  too_many_authorizations: {
    error: 'temporarily_unavailable',
    status: 429,
    title: 'Too many at once',
    sentence:
      'Too many requests for access came from your network within a minute. Nothing was decided, and nothing is lost.',
  },
  too_many_token_requests: {
    error: 'temporarily_unavailable',
    status: 429,
    sentence:
      'This client asks too often from this network. Its tokens are as good as before: try again after the seconds in Retry-After.',
  },
  too_many_failed_authentications: {
    error: 'temporarily_unavailable',
    status: 429,
    sentence:
      'Too many clients failed to authenticate from this network just now. Try again after the seconds in Retry-After.',
  },
} as const;
