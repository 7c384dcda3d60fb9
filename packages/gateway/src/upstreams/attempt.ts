// Where the code of a toolset runs: what it throws stays here.

import { StorageUnavailable } from '@sallyport/storage';
import type { ToolContext } from '@sallyport/protocol';
import type { Exchange } from '../server.ts';

/** @returns what the work gives, or the sentence to answer with when it throws */
export async function attempt<Value>(
  { kind, name }: { readonly kind: 'tool' | 'resource' | 'prompt'; readonly name: string },
  { caller, arrival, log }: Exchange,
  work: (context: ToolContext) => Promise<Value>,
): Promise<{ readonly ok: true; readonly value: Value } | { readonly ok: false; readonly sentence: string }> {
  try {
    return { ok: true, value: await work({ caller, now: arrival.now }) };
  } catch (error) {
    // The store being away is no fault of this call: the gate's door answers 503.
    if (error instanceof StorageUnavailable) throw error;
    log('error', 'toolset_failed', { traceId: arrival.traceId, [kind]: name, error: String(error) });
    return { ok: false, sentence: `The ${kind} failed; trace id ${arrival.traceId}` };
  }
}
