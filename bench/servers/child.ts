// The child's half of a measured server: tells the bench where it listens, and what the process has cost so far.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where the bench finds what it measures; a server has only the rows whose members it gives. */
export interface Offered {
  readonly authorizationServer?: {
    readonly metadata: string;
    readonly register: string;
    readonly authorize: string;
    readonly token: string;
    /** Further parameters of an authorization request. */
    readonly parameters: Readonly<Record<string, string>>;
    /** `name=value` of a browser that is signed in already; absent when it signs in by the server's own form. */
    readonly cookie?: string;
    /** Host and port for the next request, where several processes answer to the same name. */
    readonly via?: () => string;
  };
  readonly mcp?: {
    readonly guarded: string;
    /** The same without looking at the token. */
    readonly unguarded: string;
    /** For `guarded`; absent when the authorization server issues it. */
    readonly token?: string;
  };
}

export type FromChild =
  | { readonly kind: 'ready'; readonly offered: Offered }
  /** User and system time of the whole process, all its threads included. */
  | { readonly kind: 'cpu'; readonly microseconds: number };

/** Says that the server is up, answers what it cost, and ends with the bench. */
export function serveBench(offered: Offered, close: () => Promise<void> | void): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    tell({ kind: 'cpu', microseconds: user + system });
  });
  process.on('disconnect', () => {
    void Promise.resolve(close()).then(() => process.exit());
  });
  tell({ kind: 'ready', offered });
}

function tell(message: FromChild): void {
  process.send?.(message);
}

/** @returns the origin */
export async function listenAnywhere(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
