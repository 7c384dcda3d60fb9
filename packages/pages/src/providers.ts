// Buttons that send a person to a provider that knows them, and what they must see before they press one.
import { checkedBadge, clientName, type ShownClient } from './client-name.ts';
import { html, shown } from './html.ts';
import type { Content } from './html.ts';
import { hiddenFields } from './layout.ts';
import { formTarget } from './links.ts';

export interface ProviderButton {
  /** Where its form is posted: a path of this origin. */
  readonly action: string;
  readonly title: string;
  /** `csrf`, and whatever else comes back as it is. */
  readonly fields: Readonly<Record<string, string | undefined>>;
  /** What it follows: the provider failed, or the account that was chosen there is of no use here. */
  readonly after?: 'failure' | 'wrong_account' | undefined;
}

/** The account that somebody chose at a provider, where it is of no use here. */
export interface CameAs {
  /** Of the provider. */
  readonly title: string;
  /** As the provider calls them: an address, or a name. */
  readonly who: string;
  /** Whether it is an address that the provider has not verified. */
  readonly isUnverified: boolean;
}

/** The app whose login waits meanwhile. */
export interface WaitingApp {
  readonly client: ShownClient;
  readonly redirect: {
    readonly kind: 'web' | 'loopback' | 'app';
    /** For `web` and `loopback` the host as it stands in the redirect URI (punycode); for `app` the scheme. */
    readonly host: string;
  };
}

const wordsAfter = { failure: 'Try again with', wrong_account: 'Use another account at' } as const;

/** One form each, so that they work without a script. @param isMain whether they are what the page is for */
export function providerButtons(buttons: readonly ProviderButton[], isMain: boolean): Content {
  // Where there are several, none of them is more than the others.
  const kind = isMain && buttons.length === 1 && 'main ';
  return html`<div class="ways">
    ${buttons.map(
      ({ action, title, fields, after }) =>
        html`<form method="post" action="${formTarget(action)}">
          ${hiddenFields(fields)}
          <button class="${kind}full" type="submit">
            ${after === undefined ? 'Continue with' : wordsAfter[after]} <bdi>${shown(title)}</bdi>
          </button>
        </form> `,
    )}
  </div>`;
}

/**
 * Who asks and where it goes back to. A provider that knows our one client id would let anybody's app through at once
 * for whoever has been there before, so that this has to be seen before, and not only on the consent page. And who came
 * back from a provider: people have several accounts there, and see which one it was.
 */
export function whoTakesPart(app: WaitingApp | undefined, cameAs: CameAs | undefined): Content {
  if (app === undefined && cameAs === undefined) return undefined;
  const known = app?.client.calledLike;
  return html`<dl class="asks">
      ${cameAs !== undefined && accountThere(cameAs)} ${app !== undefined && waitingApp(app)}
    </dl>
    ${known?.goesTo === 'elsewhere' && notWhoItSays(app?.client.name, known)}`;
}

function accountThere({ title, who, isUnverified }: CameAs): Content {
  return html`<dt>You came from <bdi>${shown(title)}</bdi> as</dt>
    <dd>
      <b><bdi>${shown(who)}</bdi></b> ${isUnverified && html`<span class="small">(not verified there)</span>`}
    </dd>`;
}

function waitingApp({ client, redirect }: WaitingApp): Content {
  const vouched = client.known?.by === 'redirect' ? redirect.host : client.verifiedDomain;
  return html`<dt>The app that asks</dt>
    <dd>
      <b><bdi>${clientName(client)}</bdi></b> ${checkedBadge(vouched)}
    </dd>
    <dt>Afterwards you go to</dt>
    <dd>${goesTo(redirect)}</dd>`;
}

/** The consent page says more of it; this is for whoever would not go on to there. */
function notWhoItSays(
  name: string | undefined,
  known: { readonly name: string; readonly maker: string },
): Content {
  return html`<p class="note problem" role="alert">
    It calls itself <bdi>“${shown(name ?? '')}”</bdi>, but it is not known to be ${known.name} by
    ${known.maker}. If you wanted ${known.name}, close this page.
  </p>`;
}

function goesTo({ kind, host }: WaitingApp['redirect']): Content {
  if (kind === 'web') return html`<b>${host}</b>`;
  if (kind === 'app') return html`<b>the app that opens ${host}:// links</b>`;
  return html`<b>a program on this computer</b> <span class="small">(${host})</span>`;
}

/** Between two ways to do the same. */
export const orElse: Content = html`<p class="or"><span>or</span></p>`;
