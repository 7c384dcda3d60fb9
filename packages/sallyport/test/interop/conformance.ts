// The authorization-server scenarios of the official conformance suite, run against a house of our own. The suite prints
// the URL that a person should open, and waits for the answer at a listener of its own; here the person is at hand.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { register } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { freePort } from '../program/free-port.ts';
import { personAt, type Person } from './person.ts';

/** Every authorization-server scenario that the suite has. */
export const scenarios = ['authorization-server-metadata-endpoint', 'authorization-code-grant'] as const;

export interface Outcome {
  readonly scenario: string;
  /** Whether `resource` was sent (RFC 8707); clients of the oldest revision do not. */
  readonly withResource: boolean;
  readonly checks: readonly Check[];
}

export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string;
}

const program = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'));

/** The suite itself would wait five minutes for a person who does not come. */
const runMilliseconds = 60_000;

/**
 * @param print hears every line of the suite
 * @returns an outcome for each scenario, with and without `resource`; a scenario that did not run has no checks
 */
export async function runConformance(print: (line: string) => void): Promise<Outcome[]> {
  const house = await openListeningHouse();
  try {
    const person = await personAt(house);
    return [
      ...(await runSuite(house, person, false, print)),
      ...(await runSuite(house, person, true, print)),
    ];
  } finally {
    await house.close();
  }
}

/** A scenario counts as passed when something was checked, and nothing failed or was left out. */
export function isPassed({ checks }: Outcome): boolean {
  return (
    checks.some(({ status }) => status === 'SUCCESS') &&
    checks.every(({ status }) => status !== 'FAILURE' && status !== 'SKIPPED')
  );
}

async function runSuite(
  house: ListeningHouse,
  person: Person,
  withResource: boolean,
  print: (line: string) => void,
): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-conformance-'));
  try {
    const port = await freePort();
    const { client_id } = await register(house, { redirect_uris: [`http://127.0.0.1:${port}/callback`] });
    const options = ['--url', house.origin, '--client-id', client_id, '-p', String(port), '-o', folder];
    if (withResource) options.push('--resource', house.mcpUrl.href);
    await runProgram(['authorization', ...options], house, person, print);
    return await Promise.all(
      scenarios.map(async (scenario) => ({
        scenario,
        withResource,
        checks: await checksOf(folder, scenario),
      })),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Ends when the program has ended, whatever it found out; or kills it when its time is over. */
async function runProgram(
  args: readonly string[],
  house: ListeningHouse,
  person: Person,
  print: (line: string) => void,
): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], {
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: runMilliseconds,
  });
  const ended = new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  const walks: Promise<void>[] = [];
  const hear = (line: string): void => {
    print(line);
    if (!line.startsWith(`${house.origin}/`)) return;
    // Without an answer the suite would wait on, so it is stopped.
    const walk = person.allowAndReturn(new URL(line));
    walk.catch(() => child.kill());
    walks.push(walk);
  };
  createInterface(child.stdout).on('line', hear);
  createInterface(child.stderr).on('line', print);
  await ended;
  await Promise.all(walks);
}

/** What the suite wrote down of a scenario, in a folder whose name ends with the time. */
async function checksOf(folder: string, scenario: string): Promise<readonly Check[]> {
  const results = (await readdir(folder)).find((name) =>
    name.startsWith(`authorization-server-${scenario}-`),
  );
  if (results === undefined) return [];
  return JSON.parse(await readFile(join(folder, results, 'checks.json'), 'utf8')) as Check[];
}
