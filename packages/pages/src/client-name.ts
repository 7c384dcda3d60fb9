// How a client is called on a page.
import { shown } from './html.ts';

export interface ShownClient {
  /** What it calls itself; says nothing about who it is. */
  readonly name?: string | undefined;
  /** The host of its metadata document; absent means unverified. */
  readonly verifiedDomain?: string | undefined;
}

/** A client without a name is called what it is. */
export function clientName({ name, verifiedDomain }: ShownClient): string {
  return shown(name ?? '') || verifiedDomain || 'an app without a name';
}
