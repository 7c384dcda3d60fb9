// What Prometheus may ask: requests, logins, refusals, storage, and the process. No label is a stranger's text, so their
// number is bounded by the code: routes, methods, status classes, reasons of the tables, grant types of the list.

import type { OnCommit } from '@sallyport/storage';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Answered } from '../door/index.ts';
import type { Hear } from '../hearing.ts';
import { isReason, refusingRoom } from '../reasons.ts';
import { RequestDurations } from './durations.ts';
import { commitBuckets, requestBuckets } from './limits.ts';

export interface Metrics {
  /** Listens to the log. */
  readonly hear: Hear;
  readonly answered: (answered: Answered) => void;
  /** Listens to the storage. */
  readonly committed: OnCommit;
  /** @param count how many event streams are open; asked when the metrics are */
  readonly countStreams: (count: () => number) => void;
  /** In the text format of Prometheus. */
  readonly print: () => Promise<{ readonly text: string; readonly contentType: string }>;
}

export function openMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new RequestDurations({
    name: 'sallyport_http_request_duration_seconds',
    help: 'Seconds from the head of a request to the head of its answer.',
    buckets: requestBuckets,
    registers,
  });
  const tokens = new Counter({
    name: 'sallyport_tokens_issued_total',
    help: 'Answers of the token endpoint that gave tokens.',
    labelNames: ['grant_type'],
    registers,
  });
  const refusals = new Counter({
    name: 'sallyport_refusals_total',
    help: 'Refused requests, by the part that refused and its reason.',
    labelNames: ['room', 'reason'],
    registers,
  });
  const limited = new Counter({
    name: 'sallyport_rate_limited_total',
    help: 'Refused requests that came too often, by the part that refused and its limit.',
    labelNames: ['room', 'limit'],
    registers,
  });
  const signIns = new Counter({
    name: 'sallyport_sign_ins_total',
    help: 'Attempts to sign in, by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  const refreshes = new Counter({
    name: 'sallyport_vault_refreshes_total',
    help: 'Attempts to get new tokens of a provider, by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  const revocations = new Counter({
    name: 'sallyport_vault_revocations_total',
    help: 'Tokens of providers that were forgotten here, by what became of telling the provider.',
    labelNames: ['outcome'],
    registers,
  });
  const ended = new Counter({
    name: 'sallyport_access_ended_total',
    help: 'Identities whose sessions and grants ended at once, by the reason.',
    labelNames: ['reason'],
    registers,
  });
  const faults = new Counter({
    name: 'sallyport_faults_total',
    help: 'What failed for a reason of ours: an exception, or a store that does not answer.',
    labelNames: ['event'],
    registers,
  });
  const commits = new Histogram({
    name: 'sallyport_storage_commit_duration_seconds',
    help: 'Seconds of one transaction, until it was durable; writes that arrive together share one.',
    buckets: commitBuckets,
    registers,
  });
  const writes = new Counter({
    name: 'sallyport_storage_writes_total',
    help: 'Writes to the storage.',
    registers,
  });
  const waiting = new Gauge({
    name: 'sallyport_storage_writes_waiting',
    help: 'Writes that waited when the last transaction ended.',
    registers,
  });
  return { hear, answered, committed, countStreams, print };

  function hear(event: string, facts: Readonly<Record<string, unknown>>): void {
    const { reason, grant_type, limit } = facts;
    const room = refusingRoom(event, facts);
    if (room !== undefined) refusals.inc({ room, reason: known(reason) });
    if (room !== undefined && typeof limit === 'string') limited.inc({ room, limit });
    if (event === 'tokens_issued' && typeof grant_type === 'string') tokens.inc({ grant_type });
    if (event === 'signed_in') signIns.inc({ outcome: 'signed_in' });
    if (event === 'sign_in_failed') signIns.inc({ outcome: known(reason) });
    const refreshed = refreshOutcomes.get(event);
    if (refreshed !== undefined) refreshes.inc({ outcome: refreshed });
    if (event === 'vault_refresh_failed') refreshes.inc({ outcome: known(reason) });
    if (event === 'vault_forgotten') revocations.inc({ outcome: forgotten(facts['outcome']) });
    if (event === 'access_of_identity_ended') ended.inc({ reason: known(reason) });
    if (faultEvents.has(event)) faults.inc({ event });
  }

  function answered({ request, arrival, response, milliseconds }: Answered): void {
    const method = methods.has(request.method) ? request.method : 'other';
    const status = statusClasses[Math.floor(response.status / 100)] ?? 'other';
    requests.count(arrival.route ?? 'none', method, status, milliseconds / 1000);
  }

  function committed({ calls, waiting: left, seconds }: Parameters<OnCommit>[0]): void {
    commits.observe(seconds);
    writes.inc(calls);
    waiting.set(left);
  }

  function countStreams(count: () => number): void {
    registry.registerMetric(
      new Gauge({
        name: 'sallyport_event_streams',
        help: 'Event streams of the HTTP+SSE transport that are open.',
        registers: [],
        collect() {
          this.set(count());
        },
      }),
    );
  }

  async function print() {
    return { text: await registry.metrics(), contentType: registry.contentType };
  }
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const statusClasses = ['other', '1xx', '2xx', '3xx', '4xx', '5xx'];
/** Beside the refusals of providers, by their reasons. */
const refreshOutcomes = new Map([
  ['vault_refreshed', 'refreshed'],
  ['vault_refresh_dropped', 'dropped'],
  ['vault_tokens_lost', 'lost'],
]);
const faultEvents = new Set([
  'unexpected',
  'response_broke',
  'gateway_failed',
  'storage_unavailable',
  'vault_write_failed',
  'vault_entry_unreadable',
  'store_unavailable',
]);

const revocationOutcomes = new Set<unknown>(['revoked', 'not_there', 'not_offered', 'given_up']);

const forgotten = (outcome: unknown): string => (revocationOutcomes.has(outcome) ? String(outcome) : 'other');

/** Facts may be anything; a label may not. */
function known(reason: unknown): string {
  return isReason(reason) ? reason : 'other';
}
