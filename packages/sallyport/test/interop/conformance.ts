// The authorization-server scenarios of the official conformance suite, run against a house of our own. The suite prints
// the URL that a person should open, and waits for the answer at a listener of its own; here the person is at hand.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { register } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { freePort } from '../program/free-port.ts';
import { personAt, type Person } from './person.ts';
import { checksIn, runSuite, type Check } from './suite.ts';

/** Every authorization-server scenario that the suite has. */
export const scenarios = ['authorization-server-metadata-endpoint', 'authorization-code-grant'] as const;

export interface Outcome {
  readonly scenario: string;
  /** Whether `resource` was sent (RFC 8707); clients of the oldest revision do not. */
  readonly withResource: boolean;
  readonly checks: readonly Check[];
}

/**
 * @param print hears every line of the suite
 * @returns an outcome for each scenario, with and without `resource`; a scenario that did not run has no checks
 */
export async function runConformance(print: (line: string) => void): Promise<Outcome[]> {
  const house = await openListeningHouse();
  try {
    const person = await personAt(house);
    return [
      ...(await runScenarios(house, person, false, print)),
      ...(await runScenarios(house, person, true, print)),
    ];
  } finally {
    await house.close();
  }
}

async function runScenarios(
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
    await runWithPerson(['authorization', ...options], house, person, print);
    return await Promise.all(
      scenarios.map(async (scenario) => ({
        scenario,
        withResource,
        checks: await checksIn(folder, `authorization-server-${scenario}`),
      })),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runWithPerson(
  args: readonly string[],
  house: ListeningHouse,
  person: Person,
  print: (line: string) => void,
): Promise<void> {
  const lost = new AbortController();
  const walks: Promise<void>[] = [];
  const hear = (line: string): void => {
    print(line);
    if (!line.startsWith(`${house.origin}/`)) return;
    // Without an answer the suite would wait on, so it is stopped.
    const walk = person.allowAndReturn(new URL(line));
    walk.catch(() => lost.abort());
    walks.push(walk);
  };
  await runSuite(args, { hear, signal: lost.signal });
  await Promise.all(walks);
}
