// An app that the operator has to approve first, or has refused: which one it is, and what the person can do.
import { checkedBadge, clientName } from './client-name.ts';
import type { ShownClient } from './client-name.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import type { PageData } from './layout.ts';

export interface UnadmittedPageData extends PageData {
  readonly admission: 'waiting' | 'refused';
  /** The refusal's public sentence. */
  readonly sentence: string;
  readonly client: ShownClient & { readonly client_id: string };
  /** Where it would have its answer; as on the consent page. */
  readonly redirect: { readonly kind: 'web' | 'loopback' | 'app'; readonly host: string };
}

export function unadmittedPage({
  look,
  traceId,
  admission,
  sentence,
  client,
  redirect,
}: UnadmittedPageData): Html {
  const name = clientName(client);
  const called = html`<bdi>${name}</bdi>`;
  return layout({
    look,
    traceId,
    title: admission === 'waiting' ? `${name} waits for approval` : `${name} is not allowed here`,
    main: html`<h1>
        ${admission === 'waiting' ? html`${called} waits for approval` : html`${called} is not allowed here`}
      </h1>
      <p>${sentence}</p>
      ${
        admission === 'waiting'
          ? html`<p>
              Ask the operator of this server to approve it, and give them the client ID. Then reload this
              page and go on from here, or start again from the app.
            </p>`
          : html`<p>If you think that this is a mistake, give the operator of this server the client ID.</p>`
      }
      <dl>
        <dt>Who made it</dt>
        <dd>${checkedBadge(client.verifiedDomain)}</dd>
        <dt>It would send you to</dt>
        <dd>
          ${
            redirect.kind === 'loopback'
              ? html`a program on this computer <span class="small">(${redirect.host})</span>`
              : redirect.kind === 'app'
                ? html`the app that opens ${redirect.host}:// links`
                : redirect.host
          }
        </dd>
        <dt>Client ID</dt>
        <dd>${client.client_id}</dd>
      </dl>`,
  });
}
