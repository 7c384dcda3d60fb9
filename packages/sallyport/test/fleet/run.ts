// npm run fleet [-- <kills>]: four processes on a PostgreSQL and a Redis of their own behind nginx, at work while an
// instance, the database and Redis are killed again and again; says what was checked.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFleet } from './fleet.ts';
import { fleetUnderKills } from './fleet-under-kills.ts';
import { postgresPrograms, startPostgres, startRedis, type Service } from './services.ts';

const kills = Number(process.argv[2] ?? 40);
const folder = mkdtempSync(join(tmpdir(), 'sallyport-fleet-'));
const services: Service[] = [];
try {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const database = await startPostgres(programs);
  services.push(database);
  const redis = await startRedis();
  services.push(redis);
  const environment = {
    SALLYPORT_STORAGE_URL: database.url,
    SALLYPORT_STORAGE_EPHEMERAL: redis.url,
    SALLYPORT_STORAGE_POOL_SIZE: '5',
  };
  const fleet = await openFleet({ folder, environment });
  try {
    const victims = [
      { name: 'the database', ...database },
      { name: 'Redis', ...redis },
    ];
    const report = await fleetUnderKills(fleet, {
      kills,
      others: victims,
      tell: (line) => console.log(line),
    });
    console.log(`Killed: ${JSON.stringify(report.kills)}.`);
    console.log(`${report.answers} answers; ${report.unanswered} requests had none, or 5xx.`);
    console.log(
      `Afterwards ${report.checkedLive} grants that clients held worked, ${report.checkedEnded} that were ended stayed so, whichever instance was asked.`,
    );
  } finally {
    await fleet.close();
  }
} finally {
  for (const service of services) await service.remove();
  rmSync(folder, { recursive: true, force: true });
}
