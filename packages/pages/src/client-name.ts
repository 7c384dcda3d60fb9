// How a client is called on a page, and by which sign it is known from others.
import type { RedirectKind } from '@sallyport/protocol';
import { html, shown } from './html.ts';
import type { Content } from './html.ts';

export interface ShownClient {
  /** What it calls itself; says nothing about who it is. */
  readonly name?: string | undefined;
  /** The host of its metadata document; absent means unverified. */
  readonly verifiedDomain?: string | undefined;
  /**
   * Who it is by our own list, proven by the address of its document or because its answers can go nowhere else; shown in
   * place of its own name.
   */
  readonly known?:
    | { readonly name: string; readonly maker: string; readonly by: 'document' | 'redirect' }
    | undefined;
  /** A client that it is called like without being proven to be it, and where its answers go. */
  readonly calledLike?:
    | {
        readonly name: string;
        readonly maker: string;
        readonly goesTo: 'computer' | 'platform' | 'elsewhere';
      }
    | undefined;
}

/** A client without a name is called what it is. */
export function clientName({ name, verifiedDomain, known }: ShownClient): string {
  return known?.name ?? (shown(name ?? '') || verifiedDomain || 'an app without a name');
}

/** Whether anybody has checked who made it. @param by the host that vouches for it; absent: nobody */
export function checkedBadge(by: string | undefined): Content {
  return by === undefined
    ? html`<span class="badge unverified">Unverified</span>`
    : html`<span class="badge verified">Verified: ${by}</span>`;
}

/**
 * A neutral sign in place of a logo, which belongs to its maker: the first letter for a client that is proven, and for
 * every other one the same question mark, so that a name alone never earns a sign. A document proves nothing of a program
 * on this computer, so that has to do without.
 */
export function monogram(client: ShownClient, kind: RedirectKind): Content {
  const isProven = kind === 'web' && (client.known ?? client.verifiedDomain) !== undefined;
  const letter = isProven ? clientName(client).slice(0, 1).toUpperCase() : '?';
  return html`<span class="monogram${isProven && ' proven'}" aria-hidden="true">${letter}</span>`;
}
