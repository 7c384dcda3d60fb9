// A deployment with a folder and a store of its own: instances in this process, and the program's commands beside them.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { decodeProtectedHeader } from 'jose';
import { freshSchema, onPostgres } from '../../../storage/test/postgres/schema.ts';
import { loadConfig, openSecrets } from '../../src/config/index.ts';
import { EMAIL, PASSWORD, type Tokens } from '../house/client.ts';
import { openHouse, type House, type HouseOptions } from '../house/open-house.ts';
import { call } from '../program/call.ts';
import { temporaryFolder, type Ended } from '../program/run.ts';

/** The store of a deployment, by name. */
export const stores: readonly {
  readonly name: string;
  readonly options: { readonly skip: string | boolean };
  readonly urlIn: (t: TestContext, folder: string) => Promise<string>;
}[] = [
  {
    name: 'SQLite',
    options: { skip: false },
    urlIn: async (_t, folder) => `sqlite:${join(folder, 'sallyport.db')}`,
  },
  { name: 'PostgreSQL', options: onPostgres, urlIn: async (t) => (await freshSchema(t)).url },
];

export interface Deployment {
  readonly folder: string;
  readonly secretsFile: string;
  readonly environment: Readonly<Record<string, string>>;
  /** One more instance; `now` of the real clock, since commands have no other. */
  open(options?: HouseOptions): Promise<House>;
  /** `sallyport keys …`; must end well. */
  keys(...args: readonly string[]): Promise<Ended>;
  /** As `keys list --json` says. */
  listed(): Promise<readonly Listed[]>;
  /** With `--json`. @returns the new key's id, and from when on it is used */
  rotate(...args: readonly string[]): Promise<{ readonly id: string; readonly from: number }>;
}

export interface Listed {
  readonly purpose: string;
  readonly id: string;
  readonly alg: string;
  readonly state: 'current' | 'next' | 'accepted';
  readonly from?: number;
  readonly until?: number;
  readonly needed?: number;
}

export async function deploy(
  t: TestContext,
  urlIn: (typeof stores)[number]['urlIn'],
  more: Readonly<Record<string, string>> = {},
): Promise<Deployment> {
  const folder = temporaryFolder(t);
  const url = await urlIn(t, folder);
  const environment = { SALLYPORT_DATA: folder, SALLYPORT_STORAGE_URL: url, ...more };
  let people = 0;

  async function open(options: HouseOptions = {}): Promise<House> {
    const own = { ...environment, ...options.environment };
    const config = loadConfig({ environment: own, cwd: folder });
    const isInUse = async () => false;
    const { secrets } = await openSecrets(config, { now: nowOf(), isInUse });
    const house = await openHouse({
      ...options,
      environment: own,
      storageUrl: config.storage.url,
      secrets,
      secretsFile: config.secretsFile,
      now: nowOf(),
    });
    t.after(() => house.close());
    if (people++ === 0) await house.addPerson(EMAIL, PASSWORD);
    return house;
  }

  async function keys(...args: readonly string[]): Promise<Ended> {
    const end = await call(['keys', ...args], { cwd: folder, environment });
    assert.equal(end.code, 0, end.stderr);
    return end;
  }

  return {
    folder,
    secretsFile: join(folder, 'secrets.json'),
    environment,
    open,
    keys,
    listed: async () => JSON.parse((await keys('list', '--json')).stdout) as Listed[],
    async rotate(...args) {
      const { stdout } = await keys('rotate', ...args, '--json');
      return JSON.parse(stdout) as { id: string; from: number };
    },
  };
}

export const nowOf = (): number => Math.floor(Date.now() / 1000);

/** What an instance is to notice by itself takes a second at most; a busy machine may need more. */
export async function eventually(holds: () => unknown): Promise<void> {
  for (let tries = 300; ; tries -= 1) {
    try {
      assert.ok(await holds());
      return;
    } catch (error) {
      if (tries === 0) throw error;
    }
    await wait(100);
  }
}

export async function publishedBy(house: House): Promise<readonly string[]> {
  const { keys } = (await (await house.ask('/oauth/jwks')).json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
}

export const kidOf = ({ access_token }: Tokens): string => decodeProtectedHeader(access_token).kid ?? '';
