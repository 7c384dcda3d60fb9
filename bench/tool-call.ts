// What one MCP tool call costs at the gate, beside a server of the official SDK with the same tools, in one run.
// In process, without HTTP and without tokens: CPU microseconds per call, user and system, median of interleaved rounds.
//
//   node --conditions=@sallyport/source bench/tool-call.ts

import { randomUUID } from 'node:crypto';
import { openStorage } from '@sallyport/storage';
import { recordsOperations, recordsToolset } from '@sallyport/toolsets';
import { callerWith, ours, requestOf, sdk } from '../packages/gateway/test/oracle.ts';
import type { RawRequest } from '../packages/gateway/test/oracle.ts';
import { legacy, modern } from '../packages/gateway/test/requests.ts';

const rounds = 7;
const callsPerRound = 2000;

const storage = await openStorage('sqlite::memory:');
const userId = randomUUID();
const now = 1_700_000_000;
await storage.addUser({
  id: userId,
  email: 'person@example.com',
  name: 'Person',
  role: 'member',
  createdAt: now,
  updatedAt: now,
});
for (let index = 0; index < 10; index += 1) {
  const item = {
    id: randomUUID(),
    userId,
    name: `Item ${index}`,
    content: 'text',
    createdAt: now,
    updatedAt: now,
  };
  await storage.addItem(item);
}

const definition = { toolset: recordsToolset(storage), serverInfo: { name: 'bench', version: '1.0.0' } };
const caller = callerWith(['read', 'write'], userId);
const schemas = Object.fromEntries(recordsOperations.map((operation) => [operation.name, operation.schemas]));
const serve = { gate: ours(definition, caller), sdk: sdk(definition, caller, schemas) };

const workloads: Readonly<Record<string, RawRequest>> = {
  'tools/call get_user_profile, 2026-07-28': modern('tools/call', {
    name: 'get_user_profile',
    arguments: {},
  }),
  'tools/call get_user_profile, 2025-11-25': legacy('tools/call', {
    name: 'get_user_profile',
    arguments: {},
  }),
  'tools/call get_user_items, 2026-07-28': modern('tools/call', { name: 'get_user_items', arguments: {} }),
  'tools/list, 2026-07-28': modern('tools/list'),
  'tools/list, 2025-11-25': legacy('tools/list'),
};

console.log('CPU microseconds per call, median of', rounds, 'rounds of', callsPerRound);
console.log('| request | gate | official SDK | ratio | of both: Request and Response alone |');
console.log('|---|---:|---:|---:|---:|');
for (const [name, request] of Object.entries(workloads)) {
  const floor = async (given: Request) => new Response(await given.text());
  const measured: Record<'gate' | 'sdk' | 'floor', number[]> = { gate: [], sdk: [], floor: [] };
  for (let round = -1; round < rounds; round += 1) {
    for (const [who, handle] of Object.entries({ ...serve, floor }) as [
      keyof typeof measured,
      typeof floor,
    ][]) {
      const cost = await cpuPerCall(handle, request);
      // The first round only warms up.
      if (round >= 0) measured[who].push(cost);
    }
  }
  const [gate, official, alone] = [measured.gate, measured.sdk, measured.floor].map(median);
  const ratio = (gate! / official!).toFixed(2);
  console.log(
    `| ${name} | ${gate!.toFixed(0)} | ${official!.toFixed(0)} | ${ratio} | ${alone!.toFixed(0)} |`,
  );
}
await storage.close();

async function cpuPerCall(handle: (request: Request) => Promise<Response>, raw: RawRequest): Promise<number> {
  const before = process.cpuUsage();
  for (let call = 0; call < callsPerRound; call += 1) {
    const response = await handle(requestOf(raw));
    const text = await response.text();
    if (response.status !== 200 || text === '') throw new Error(`a call failed: ${response.status} ${text}`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / callsPerRound;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
}
