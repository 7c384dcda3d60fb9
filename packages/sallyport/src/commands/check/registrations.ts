// As whom this server has registered itself at providers, where it does.

import type { OutboundRegistration } from '@sallyport/storage';
import type { Config } from '../../config/index.ts';
import { isUpstream } from '../../config/index.ts';
import { issuerOf } from '../../providers.ts';
import { day, printable } from '../table.ts';
import { ok } from './finding.ts';
import type { Finding } from './finding.ts';

export function judgeRegistrations(
  { signIn, publicUrl }: Config,
  known: readonly OutboundRegistration[],
): Finding[] {
  return signIn.filter(isUpstream).flatMap((way): Finding[] => {
    const { id, clientId, callbackPath } = way;
    if (clientId !== undefined) return [];
    const [issuer, redirect_uri] = [issuerOf(way), `${publicUrl}${callbackPath}`];
    const found = known.find((one) => one.issuer === issuer && one.redirect_uri === redirect_uri);
    if (found === undefined) return [ok(id, 'not registered there yet: the first sign-in does it')];
    const since = `${day(found.registeredAt)} (UTC)`;
    return [ok(id, `registered there as ${printable(found.client_id)} since ${since}`)];
  });
}
