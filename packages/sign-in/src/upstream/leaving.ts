// How often browsers leave for a provider. Each leave is a row that waits, and strangers must not fill the table.
import { addressPrefix, type Arrival, widePrefix } from '@sallyport/protocol';
import type { OpenCounter } from '@sallyport/storage';
import { tooMany } from '../guesses.ts';
import { limits } from '../limits.ts';

/** @throws {Refusal} `too_many_attempts` */
export type CountLeaving = (browser: string, arrival: Arrival) => Promise<void>;

export function countLeaving(open: OpenCounter): CountLeaving {
  const byAddress = open({ name: 'leave-address', wider: widePrefix, ...limits.leavingPerAddress });
  const byBrowser = open({ name: 'leave-browser', ...limits.leavingPerBrowser });
  return async (browser, { address }) => {
    const ofAddress = await byAddress.count(addressPrefix(address));
    if (ofAddress) throw tooMany('leaving_address', ofAddress);
    const ofBrowser = await byBrowser.count(browser);
    if (ofBrowser) throw tooMany('leaving_browser', ofBrowser);
  };
}
