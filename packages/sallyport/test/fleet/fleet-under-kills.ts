// A fleet at work while its instances, its database and its Redis are killed in turn, and come back.
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { openBrowserAt } from '../house/browser.ts';
import { authorizeAndAllow, register, type Registered } from '../house/client.ts';
import { openLedger, type Ledger } from '../kill/ledger.ts';
import { checkLedger } from './checks.ts';
import type { Fleet } from './fleet.ts';
import { startWork, type Work } from './work.ts';

/** Something that can be killed and started again. */
export interface Victim {
  readonly name: string;
  /** As hard as it can be. */
  readonly kill: () => Promise<void>;
  readonly restart: () => Promise<void>;
}

export interface FleetReport {
  readonly kills: Readonly<Record<string, number>>;
  readonly answers: number;
  readonly unanswered: number;
  readonly checkedLive: number;
  readonly checkedEnded: number;
}

/** Answers between two kills, at least and at most. */
const LIFE_ANSWERS = [40, 120] as const;
/** How long a victim stays away. */
const AWAY_MILLISECONDS = [0, 600] as const;

/** Clients at work, by whichever instance answers, until they are stopped. */
export async function beginWork(
  fleet: Fleet,
  pauseMilliseconds?: number,
): Promise<Work & { readonly client: Registered; readonly ledger: Ledger }> {
  const { site } = fleet;
  const client = await register(site);
  const browser = openBrowserAt(site);
  await authorizeAndAllow(site, client, {}, browser);
  const ledger = openLedger();
  return { client, ledger, ...startWork({ site, browser, client, ledger, pauseMilliseconds }) };
}

/** Grants that are looked at in the end. */
const CHECKED_AT_MOST = 400;

interface Kills {
  readonly kills: number;
  /** Besides the instances. */
  readonly others?: readonly Victim[];
  /** Of the workers; see `Working`. */
  readonly pauseMilliseconds?: number | undefined;
  readonly tell?: (line: string) => void;
}

export async function fleetUnderKills(
  fleet: Fleet,
  { kills, others = [], pauseMilliseconds, tell = () => undefined }: Kills,
): Promise<FleetReport> {
  const killed: Record<string, number> = {};
  const { client, ledger, ...work } = await beginWork(fleet, pauseMilliseconds);
  try {
    await work.answersMore(LIFE_ANSWERS[1]);
    for (let done = 0; done < kills; done += 1) {
      const victim = choose(done);
      await work.answersMore(randomInt(...LIFE_ANSWERS));
      await victim.kill();
      await wait(randomInt(...AWAY_MILLISECONDS));
      await victim.restart();
      await fleet.isReady();
      killed[victim.name] = (killed[victim.name] ?? 0) + 1;
      if ((done + 1) % 5 === 0) {
        const { answers, unanswered } = work.worked();
        tell(`${done + 1} of ${kills} kills: ${answers} answers, ${unanswered} requests without one`);
      }
    }
  } catch (error) {
    await work.stop().catch(() => undefined);
    throw error;
  }
  const worked = await work.stop();
  // Nobody works any more, and nothing is away: what was told is looked at, wherever.
  await fleet.isWhole();
  let [checkedLive, checkedEnded] = [0, 0];
  while (ledger.live.size > 0 && checkedLive < CHECKED_AT_MOST) {
    const { live, ended } = await checkLedger(fleet, client, ledger);
    checkedLive += live;
    checkedEnded += ended;
  }
  return { kills: killed, ...worked, checkedLive, checkedEnded };

  /** Every other time an instance, otherwise the others in turn. */
  function choose(turn: number): Victim {
    const other = turn % 2 === 1 ? others[((turn - 1) / 2) % Math.max(1, others.length)] : undefined;
    const { kill, restart } = fleet.instances[randomInt(fleet.instances.length)]!;
    return other ?? { name: 'an instance', kill, restart };
  }
}
