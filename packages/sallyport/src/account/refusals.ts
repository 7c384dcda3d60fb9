// Why something on the person's own pages is refused. What every form is refused for is sign-in's to say.
import { refusalsOf } from '@sallyport/protocol';

export const refusals = {
  // Nobody would be left who may manage what belongs to the others.
  last_operator: {
    error: 'access_denied',
    status: 409,
    sentence:
      'You are the only operator here, and other people have accounts. Make another operator first, in the terminal: sallyport users add <email> --operator.',
  },
  token_name_refused: {
    error: 'invalid_request',
    status: 400,
    sentence: 'Give it a name of at most 60 characters, by which you will know it again.',
  },
  token_server_unknown: {
    error: 'invalid_target',
    status: 400,
    sentence: 'There is no such server here. Choose one of the list.',
  },
  token_scope_missing: {
    error: 'invalid_scope',
    status: 400,
    sentence: 'Choose at least one thing that it may do.',
  },
  token_lifetime_refused: {
    error: 'invalid_request',
    status: 400,
    sentence: 'Choose one of the times until it expires.',
  },
  token_too_many: {
    error: 'access_denied',
    status: 409,
    sentence: 'You have as many tokens as one person may have. Revoke one that you no longer need first.',
  },
  token_spent: {
    error: 'invalid_request',
    status: 409,
    sentence: 'The token of that form was made before, and no longer works. Make a new one here.',
  },
  last_way: {
    error: 'access_denied',
    status: 409,
    sentence:
      'It is the only way to sign in to your account, so it stays. Link another one first, or set a password where that is offered.',
  },
  email_differs: {
    error: 'invalid_request',
    status: 403,
    sentence: 'That is not the e-mail address of this account. Nothing was deleted.',
  },
  word_differs: {
    error: 'invalid_request',
    status: 403,
    sentence: 'That is not the word “delete”. Nothing was deleted.',
  },
} as const;

export const refuse = refusalsOf(refusals);
