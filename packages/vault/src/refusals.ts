// Why a provider gave no tokens. Whoever wanted them decides who reads the sentence.
import { refusalsOf } from '@sallyport/protocol';

export const refusals = {
  provider_grant_refused: {
    error: 'access_denied',
    status: 403,
    sentence:
      'The provider does not honour this sign-in any more: it has expired, was used before, or was taken back there. Sign in with it again.',
  },
  provider_client_refused: {
    error: 'server_error',
    status: 502,
    sentence:
      'The provider does not recognise this server. Its operator has to look at the client id and the client secret that are configured for it.',
  },
  provider_request_refused: {
    error: 'server_error',
    status: 502,
    sentence:
      'The provider refused what this server asked of it. Its operator finds the reason in the log; trying again will not help.',
  },
  provider_endpoint_refused: {
    error: 'server_error',
    status: 502,
    sentence:
      'The provider cannot be asked at the address that is configured for it. The operator of this server finds the reason in the log.',
  },
  provider_unreachable: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence: 'The provider could not be reached. Try again in a few minutes.',
  },
  provider_busy: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence: 'The provider has too much to do at this moment.',
  },
  provider_failing: {
    error: 'temporarily_unavailable',
    status: 502,
    sentence: 'The provider has trouble of its own at this moment. Try again in a few minutes.',
  },
  provider_answer_unreadable: {
    error: 'temporarily_unavailable',
    status: 502,
    sentence: 'What the provider answered could not be understood. Try again in a few minutes.',
  },
  provider_registration_refused: {
    error: 'server_error',
    status: 502,
    sentence:
      'The provider does not let this server register itself there. Its operator finds the reason in the log, and can write a client id in its place.',
  },
  provider_registration_unusable: {
    error: 'server_error',
    status: 502,
    sentence:
      'The provider registered this server in a way that it cannot work with. Its operator finds the reason in the log; trying again will not help.',
  },
  provider_registration_under_way: {
    error: 'temporarily_unavailable',
    status: 503,
    sentence: 'This server is registering itself at the provider at this moment. Try again in a minute.',
  },
  provider_registration_gone: {
    error: 'access_denied',
    status: 403,
    sentence:
      'The provider has forgotten this server, or was told to. Sign in with it again: this server registers itself there anew.',
  },
} as const;

export const refuse = refusalsOf(refusals);

/**
 * What such a refusal means for what was presented: `final`, it will never be accepted again; `for_the_operator`, it may
 * still be good, but nothing changes until somebody mends this server's configuration; `passing`, try again.
 */
export type Finality = 'final' | 'for_the_operator' | 'passing';

const finalities: Readonly<Record<keyof typeof refusals, Finality>> = {
  provider_grant_refused: 'final',
  provider_client_refused: 'for_the_operator',
  provider_request_refused: 'for_the_operator',
  provider_endpoint_refused: 'for_the_operator',
  provider_unreachable: 'passing',
  provider_busy: 'passing',
  provider_failing: 'passing',
  provider_answer_unreadable: 'passing',
  provider_registration_refused: 'for_the_operator',
  provider_registration_unusable: 'for_the_operator',
  provider_registration_under_way: 'passing',
  // RFC 6749 §6: a refresh token is good for the client that it was issued to.
  provider_registration_gone: 'final',
};

/** @param reason of a refusal; one of another room says nothing about what was presented, so it is `passing` */
export function finalityOf(reason: string): Finality {
  return Object.hasOwn(finalities, reason) ? finalities[reason as keyof typeof refusals] : 'passing';
}
