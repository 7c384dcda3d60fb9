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
  email_differs: {
    error: 'invalid_request',
    status: 403,
    sentence: 'That is not the e-mail address of this account. Nothing was deleted.',
  },
} as const;

export const refuse = refusalsOf(refusals);
