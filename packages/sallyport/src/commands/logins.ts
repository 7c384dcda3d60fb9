// sallyport logins: how far each login came, and the steps of one of them, by the trace id that a page shows.

import type { LoginEvent, Storage, User } from '@sallyport/storage';
import { adviceFor } from '../logins/advice.ts';
import { wordsFor } from '../logins/steps.ts';
import { sentenceOf } from '../reasons.ts';
import { commandLine, parse, withConfiguration } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import { exitCodes, Failure } from './failure.ts';
import { paint, print } from './io.ts';
import type { Command, Io } from './io.ts';
import { onStorage } from './store.ts';
import { day, printable, table } from './table.ts';

interface Options extends CommonOptions {
  readonly trace?: string;
  readonly json?: boolean;
}

/** As many as fit on a screen. */
const shownLogins = 20;

export const logins: Command = {
  name: 'logins',
  summary: 'Show how far the logins of the last week came, and why one failed',
  async run(args, io) {
    const line = withConfiguration(
      commandLine('logins', logins.summary, io, [
        ['logins', 'the newest, each with its last step'],
        ['logins --trace <id>', 'every step of one; pages and errors show the id'],
        ['logins --trace <id> --json', 'for a script'],
      ]),
    );
    line
      .option('--trace <id>', 'the trace id of a login')
      .option('--json', 'print JSON')
      .action((options: Options) => show(options, io));
    await parse(line, shieldTraceId(args), io);
    return exitCodes.done;
  },
};

/** A step, with the names of who took part. */
interface Told extends LoginEvent {
  readonly client: string;
  readonly person: string;
}

async function show(options: Options, io: Io): Promise<void> {
  const { trace } = options;
  const steps = await onStorage(options, io, async (storage) =>
    named(
      await (trace === undefined ? storage.listLoginEvents(shownLogins) : storage.findLoginEvents(trace)),
      storage,
    ),
  );
  if (options.json === true) print(io, JSON.stringify(steps, null, 2));
  else if (trace !== undefined) printSteps(trace, steps, io);
  else if (steps.length === 0) print(io, 'Nobody has tried to log in during the last week.');
  else printLast(steps, io);
}

function printLast(steps: readonly Told[], io: Io): void {
  const byTrace = Map.groupBy(steps, ({ traceId }) => traceId);
  const rows = [...byTrace.values()]
    .flatMap((login) => login.at(-1) ?? [])
    .toSorted((one, other) => (one.id < other.id ? 1 : -1))
    .map((last) => {
      const person = byTrace.get(last.traceId)?.findLast((step) => step.person !== '')?.person ?? '';
      return [day(last.at), last.client, person, wordsFor(last), last.traceId];
    });
  print(io, table(io, ['When (UTC)', 'Client', 'Person', 'Last step', 'Trace'], rows));
}

function printSteps(trace: string, steps: readonly Told[], io: Io): void {
  const [first] = steps;
  if (first === undefined) {
    throw new Failure(`There is no login with the trace id ${printable(trace)}.`, {
      means: 'It is older than a week, or was never one: other requests have trace ids too.',
      next: [`See all: ${io.program} logins`],
    });
  }
  const client = paint(io.stdout, 'bold', printable(first.client));
  const id = first.clientId === '' ? '' : `  ${paint(io.stdout, 'dim', `client ${first.clientId}`)}`;
  print(io, `${client}${id}`);
  for (const step of steps) {
    const time = new Date(step.at * 1000).toISOString().slice(0, 19).replace('T', ' ');
    const who = step.person === '' ? '' : `: ${printable(step.person)}`;
    print(io, `  ${paint(io.stdout, 'dim', time)}  ${wordsFor(step)}${who}`);
    const means = step.reason === undefined ? undefined : sentenceOf(step.reason);
    const rest = ' '.repeat(time.length);
    if (means !== undefined) print(io, `  ${rest}  ${paint(io.stdout, 'dim', means)}`);
    const advice = adviceFor(step, { isLast: step === steps.at(-1) });
    if (advice !== undefined) print(io, `  ${rest}  → ${advice.replaceAll('sallyport ', `${io.program} `)}`);
  }
}

async function named(steps: readonly LoginEvent[], storage: Storage): Promise<readonly Told[]> {
  const clients = new Map<string, string>();
  const people = new Map<string, string>();
  clients.set('', '(no app)');
  for (const { clientId, userId } of steps) {
    if (!clients.has(clientId)) {
      const client = await storage.findClient(clientId);
      clients.set(clientId, client?.metadata.client_name ?? clientId);
    }
    if (userId !== undefined && !people.has(userId))
      people.set(userId, nameOf(await storage.findUser(userId)));
  }
  return steps.map((step) => ({
    ...step,
    client: clients.get(step.clientId) ?? '',
    person: people.get(step.userId ?? '') ?? '',
  }));
}

function nameOf(user: User | undefined): string {
  return user?.clientId === undefined ? (user?.email ?? '') : 'itself';
}

/** A trace id is random and may begin with a hyphen. */
function shieldTraceId(args: readonly string[]): readonly string[] {
  const at = args.indexOf('--trace');
  const id = args[at + 1];
  if (at === -1 || id === undefined || !/^-[\w-]{15}$/.test(id)) return args;
  return [...args.slice(0, at), `--trace=${id}`, ...args.slice(at + 2)];
}
