// An address that nobody vouches for wants the browser back before anybody has agreed to anything.
import { checkedBadge, clientName } from './client-name.ts';
import type { ShownClient } from './client-name.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import type { PageData } from './layout.ts';

export interface ReturnToSitePageData extends PageData {
  /** What was wrong, as the client is told. */
  readonly sentence: string;
  readonly client: ShownClient;
  /** The redirect URI with its response parameters: https. */
  readonly href: string;
}

/**
 * Shown instead of a redirect (RFC 9700 §4.11.2): whoever may register an address could otherwise make a link to this
 * server that leads straight to a page of theirs.
 * @throws TypeError when `href` is no https URL
 */
export function returnToSitePage({ look, traceId, sentence, client, href }: ReturnToSitePageData): Html {
  const { protocol, host } = new URL(href);
  if (protocol !== 'https:') throw new TypeError('Not the address of a site.');
  const name = clientName(client);
  return layout({
    look,
    traceId,
    title: `${name} could not be connected`,
    main: html`<h1><bdi>${name}</bdi> could not be connected</h1>
      <p>
        It sent you here with a request that cannot be answered, so nothing was allowed and nothing was sent.
      </p>
      <p>Go back only if you came from the address below. This server does not know who is behind it.</p>
      <dl>
        <dt>What was wrong</dt>
        <dd>${sentence}</dd>
        <dt>Who made it</dt>
        <dd>${checkedBadge(client.verifiedDomain)}</dd>
        <dt>It wants you to go back to</dt>
        <dd><b>${host}</b></dd>
      </dl>
      <p class="actions">
        <a class="button" href="${href}" rel="noreferrer nofollow">Go back to ${host}</a>
      </p>`,
  });
}
