// The profile: who the signed-in person is, without the password or the role.

import { isEmail } from '@sallyport/protocol';
import { denied, operation, timeOf } from './operation.ts';
import { nothing, profile } from './schemas.ts';

export const profileOperation = operation({
  name: 'get_user_profile',
  title: 'Your profile',
  description: 'Answers the id, e-mail address and name of the signed-in person.',
  effect: 'read',
  input: nothing,
  output: profile,
  async run(_asked, { storage, userId }) {
    const user = await storage.findUser(userId);
    if (user === undefined) return denied('user_gone', 'user');
    const { id, email, name, createdAt, updatedAt } = user;
    // What stands in place of an address is none.
    return {
      id,
      ...(isEmail(email) && { email }),
      name,
      created: timeOf(createdAt),
      updated: timeOf(updatedAt),
    };
  },
});
