// The commands, in the order of the help.

import { backup } from './backup.ts';
import { check } from './check/index.ts';
import { clients } from './clients.ts';
import { demo } from './demo.ts';
import { exportRows } from './export.ts';
import { importRows } from './import.ts';
import type { Command } from './io.ts';
import { knownClientsCommand } from './known-clients.ts';
import { keys } from './keys/index.ts';
import { logins } from './logins.ts';
import { providers } from './providers.ts';
import { registration } from './registration/index.ts';
import { restore } from './restore.ts';
import { schema } from './schema.ts';
import { serve } from './serve.ts';
import { tokens } from './tokens.ts';
import { users } from './users.ts';

export const commands: readonly Command[] = [
  serve,
  users,
  clients,
  registration,
  knownClientsCommand,
  tokens,
  keys,
  logins,
  providers,
  backup,
  restore,
  exportRows,
  importRows,
  check,
  schema,
  demo,
];
