// The end of a session.
import { html, shown } from './html.ts';
import type { Html } from './html.ts';
import { layout, link } from './layout.ts';
import type { PageData } from './layout.ts';

export interface SignedOutPageData extends PageData {
  readonly signInHref: string;
}

export function signedOutPage({ look, traceId, signInHref }: SignedOutPageData): Html {
  return layout({
    look,
    traceId,
    title: 'Signed out',
    main: html`<h1>You are signed out</h1>
      <p>
        This browser is no longer signed in to <bdi>${shown(look.name)}</bdi>. Apps that you allowed stay
        connected.
      </p>
      <p class="actions">${link(signInHref, 'Sign in again')}</p>`,
  });
}
