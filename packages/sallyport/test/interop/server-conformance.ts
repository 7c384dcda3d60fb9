// The server scenarios of the official conformance suite, through the gate: each with a token that somebody got by
// signing in, and each in the revision that it is about.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, EMAIL, PASSWORD } from '../house/client.ts';
import { openListeningHouse } from '../house/listening-house.ts';
import { openLibrary } from './library.ts';
import { scenarios, type Revision, type Scenario } from './server-scenarios.ts';
import { checksIn, runSuite, type Check } from './suite.ts';
import { openTokenProxy } from './token-proxy.ts';

export interface ServerOutcome {
  readonly scenario: Scenario;
  /** Without those that the scenario excepts; none when it did not run. */
  readonly checks: readonly Check[];
  /** Excepted checks that succeeded all the same, by id: the exception is no longer needed. */
  readonly needlessExceptions: readonly string[];
}

const paths: Readonly<Record<Scenario['server'], string>> = { records: '/mcp', library: '/mcp/library' };

/** @param print hears every line of the suite */
export async function runServerConformance(print: (line: string) => void): Promise<ServerOutcome[]> {
  const proxy = await openTokenProxy();
  const house = await openListeningHouse({
    environment: { SALLYPORT_PUBLIC_URL: proxy.origin },
    configure: (config) => ({
      ...config,
      servers: [
        ...config.servers.map((server) => ({ ...server, default: true })),
        { name: 'library', title: 'Library', path: paths.library, toolset: 'records', default: false },
      ],
    }),
  });
  const housePort = house.config.listen.port;
  proxy.route('/', { port: housePort });
  const library = await openLibrary(house, paths.library);
  try {
    await house.addPerson(EMAIL, PASSWORD);
    for (const [server, port] of Object.entries({ records: housePort, library: library.port })) {
      const path = paths[server as Scenario['server']];
      const { tokens } = await connect(house, { resource: `${house.origin}${path}`, scope: 'read write' });
      proxy.route(path, { port, access_token: tokens.access_token });
    }
    // Programs, each with a second of work: as many lanes as there are revisions and servers.
    const lanes = Object.values(Object.groupBy(scenarios, ({ server, revision }) => `${server} ${revision}`));
    const run = (scenario: Scenario) =>
      runScenario(scenario, `${house.origin}${paths[scenario.server]}`, print);
    return (await Promise.all(lanes.map((lane) => oneByOne(lane, run)))).flat();
  } finally {
    await library.close();
    await house.close();
    await proxy.close();
  }
}

/** The server scenarios that the suite has for a revision, as it lists them. */
export async function listedScenarios(revision: Revision): Promise<readonly string[]> {
  const lines: string[] = [];
  await runSuite(['list', '--server', '--spec-version', revision], { hear: (line) => void lines.push(line) });
  return lines.flatMap((line) => /^\s+- (\S+) \[/.exec(line)?.[1] ?? []);
}

async function runScenario(
  scenario: Scenario,
  url: string,
  print: (line: string) => void,
): Promise<ServerOutcome> {
  const { name, revision, except } = scenario;
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-conformance-'));
  try {
    const options = ['--url', url, '--scenario', name, '--spec-version', revision, '-o', folder];
    await runSuite(['server', ...options], { hear: print });
    const all = await checksIn(folder, `server-${name}`);
    const excepted = new Set(except.flatMap(({ checks }) => checks));
    const succeeded = all.filter(({ status }) => status === 'SUCCESS').map(({ id }) => id);
    return {
      scenario,
      checks: all.filter(({ id }) => !excepted.has(id)),
      needlessExceptions: succeeded.filter((id) => excepted.has(id)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function oneByOne<In, Out>(all: readonly In[], each: (one: In) => Promise<Out>): Promise<Out[]> {
  const done: Out[] = [];
  for (const one of all) done.push(await each(one));
  return done;
}
