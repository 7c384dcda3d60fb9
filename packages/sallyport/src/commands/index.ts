// The commands, in the order of the help.

import { check } from './check.ts';
import { clients } from './clients.ts';
import { demo } from './demo.ts';
import type { Command } from './io.ts';
import { logins } from './logins.ts';
import { schema } from './schema.ts';
import { serve } from './serve.ts';
import { users } from './users.ts';

export const commands: readonly Command[] = [serve, users, clients, logins, check, schema, demo];
