// Every reason to refuse, of every room: what its sentence is, and which words a metric may be labelled with.

import { refusals as ofAuthorizationServer } from '@sallyport/authorization-server';
import { refusals as ofGuardedFetch } from '@sallyport/guarded-fetch';
import { mcpRefusals, type RefusalRow } from '@sallyport/protocol';
import { refusals as ofResourceServer } from '@sallyport/resource-server';
import { refusals as ofSignIn } from '@sallyport/sign-in';
import { refusals as ofVault } from '@sallyport/vault';
import { refusals as ofAccount } from './account/refusals.ts';
import { doorRefusals } from './door/refusals.ts';
import { restRefusals as ofRest } from './rest/refusals.ts';

const rows: Readonly<Record<string, RefusalRow>> = {
  ...ofAuthorizationServer,
  ...ofGuardedFetch,
  ...ofResourceServer,
  ...ofSignIn,
  ...ofVault,
  ...ofAccount,
  ...doorRefusals,
  ...ofRest,
};

/** What the stranger was told. */
export function sentenceOf(reason: string): string | undefined {
  return Object.hasOwn(rows, reason) ? rows[reason]?.sentence : undefined;
}

export function isReason(text: unknown): text is string {
  return typeof text === 'string' && (Object.hasOwn(rows, text) || Object.hasOwn(mcpRefusals, text));
}

/** The room that an event of a refusal comes from; undefined for other events. */
export function refusingRoom(event: string, { room, outcome }: Readonly<Record<string, unknown>>) {
  if (event === 'refused') return typeof room === 'string' ? room : undefined;
  if (event === 'mcp_request') return outcome === 'refused' ? 'gateway' : undefined;
  return Object.hasOwn(roomOfEvent, event) ? roomOfEvent[event] : undefined;
}

const roomOfEvent: Readonly<Record<string, string>> = {
  authorization_refused: 'authorization-server',
  sign_in_failed: 'sign-in',
  sign_up_refused: 'sign-in',
  sign_out_refused: 'sign-in',
  account_refused: 'account',
};
