// Asking one person whether one program may use one server for them. Design rule 7.
import type { Person, ProtectedResource, ScopeDefinition } from '@sallyport/protocol';
import { checkedBadge, clientName, monogram } from './client-name.ts';
import type { ShownClient } from './client-name.ts';
import { html, shown } from './html.ts';
import type { Content, Html } from './html.ts';
import { hiddenFields, layout, link } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget, httpsUrl } from './links.ts';

export interface ConsentPageData extends PageData {
  /** Where the form is posted: a path of this origin. */
  readonly action: string;
  readonly csrf: string;
  /** Hidden fields that come back as they are; their names may not be `csrf` or `decision`. */
  readonly fields: Readonly<Record<string, string>>;
  readonly client: ShownClient & {
    readonly client_id: string;
    readonly client_uri?: string | undefined;
  };
  readonly redirect: {
    readonly kind: 'web' | 'loopback' | 'app';
    /** For `web` and `loopback` the host as it stands in the redirect URI (punycode); for `app` the scheme. */
    readonly host: string;
  };
  readonly person: Pick<Person, 'email' | 'name'>;
  readonly resource: Pick<ProtectedResource, 'title'> & { readonly url: string };
  readonly scopes: readonly ScopeDefinition[];
  readonly switchAccountHref: string;
  /** Where the person can take it back later. */
  readonly accountHref?: string | undefined;
  /** One sentence above the question, for example after an interruption. */
  readonly notice?: string | undefined;
}

/** Posts `csrf`, the given fields and `decision` (`allow` or `deny`) to `action`. */
export function consentPage(data: ConsentPageData): Html {
  const { look, traceId, action, csrf, fields, client, redirect, person, resource, scopes, notice } = data;
  const client_name = html`<bdi>${clientName(client)}</bdi>`;
  const ownName = shown(client.name ?? '');
  const website = client.client_uri === undefined ? undefined : httpsUrl(client.client_uri);
  return layout({
    look,
    traceId,
    title: `Allow ${clientName(client)}?`,
    main: html`${notice !== undefined && html`<p class="note" role="status">${notice}</p>`}
      <h1>Allow ${client_name} to use <bdi>${shown(resource.title)}</bdi> for you?</h1>
      ${whoAsks(client, redirect)} ${whatItCanDo(scopes)}
      <dl>
        <dt>Your account</dt>
        <dd>
          ${
            shown(person.name) !== '' &&
            html`<b><bdi>${shown(person.name)}</bdi></b
              ><br />`
          }<bdi>${person.email}</bdi><br />
          <span class="plain">${link(data.switchAccountHref, 'Use another account')}</span>
        </dd>
        <dt>Afterwards you go to</dt>
        <dd>${whereItGoes(redirect)}</dd>
      </dl>
      <details>
        <summary class="small">Technical details</summary>
        <dl class="small">
          <dt>Server</dt>
          <dd>${resource.url}</dd>
          <dt>Client ID</dt>
          <dd>${client.client_id}</dd>
          ${
            client.known !== undefined &&
            ownName !== client.known.name &&
            ownName !== '' &&
            html`<dt>Name it gives itself</dt>
              <dd><bdi>${ownName}</bdi></dd>`
          }
          ${
            website !== undefined &&
            html`<dt>Website it names</dt>
              <dd>
                <a href="${website}" target="_blank" rel="noopener noreferrer nofollow">${website}</a> (new
                tab)
              </dd>`
          }
          ${
            scopes.length > 0 &&
            html`<dt>Scopes</dt>
              <dd>${scopes.map(({ name }) => name).join(' ')}</dd>`
          }
        </dl>
      </details>
      <form method="post" action="${formTarget(action)}">
        ${hiddenFields({ ...fields, csrf })}
        <div class="choice">
          <button type="submit" name="decision" value="deny">Deny</button>
          <button class="main" type="submit" name="decision" value="allow">Allow</button>
        </div>
      </form>
      ${data.accountHref !== undefined && html`<p class="hint">You can take this back at any time in ${link(data.accountHref, 'your account')}.</p>`}`,
  });
}

function whoAsks(client: ConsentPageData['client'], redirect: ConsentPageData['redirect']): Content {
  return html`<div class="who">
      ${monogram(client, redirect.kind)}
      <div>${whoItIs(client, redirect)}</div>
    </div>
    ${client.calledLike !== undefined && notWhoItSays(client, client.calledLike, redirect)}`;
}

function whoItIs(
  { verifiedDomain, known }: ConsentPageData['client'],
  { kind, host }: ConsentPageData['redirect'],
): Content {
  const name = known && html`<b>${known.name}</b> by ${known.maker}`;
  if (known?.by === 'redirect')
    return html`${checkedBadge(host)}
      <p>What you allow goes to ${name}, and to no other app.</p>`;
  if (verifiedDomain === undefined)
    return html`${checkedBadge(undefined)}
      <p>The app chose its own name. Nobody has checked who made it.</p>`;
  return html`${checkedBadge(verifiedDomain)}
  ${
    kind === 'web'
      ? html`<p>${name ? html`This app is ${name}, published` : 'This app is published'} at that address.</p>`
      : // A document proves who published the app, and nothing of the program here that uses its name.
        html`<p>${name ?? 'An app of this name'} is published at that address.</p>
          <p class="warning">That the program on this computer is that app cannot be checked.</p>`
  }`;
}

/** A name that people know is what a deceiver would choose; and what every honest program on a computer has. */
function notWhoItSays(
  { name, verifiedDomain }: ConsentPageData['client'],
  { name: known, maker, goesTo }: NonNullable<ConsentPageData['client']['calledLike']>,
  { host }: ConsentPageData['redirect'],
): Content {
  const calls = html`This app calls itself <bdi>“${shown(name ?? '')}”</bdi>`;
  if (goesTo === 'computer')
    return html`<p class="note caution">
      ${calls}, but so can any program on this computer. Nothing shows that it is ${known} by ${maker}.
    </p>`;
  if (goesTo === 'platform')
    return html`<p class="note caution">
      ${calls}, but everybody who builds something with ${known} comes back to ${host}. Ask whoever sent you
      here whose it is.
    </p>`;
  return html`<p class="note problem" role="alert">
    ${calls}, but it is not known to be ${known} by ${maker}: it
    ${verifiedDomain === undefined ? html`goes to <b>${host}</b>` : html`is published at <b>${verifiedDomain}</b>`},
    which is not known to be theirs. If you wanted ${known}, deny.
  </p>`;
}

function whatItCanDo(scopes: ConsentPageData['scopes']): Content {
  if (scopes.length === 0) return html`<p>It asks for no particular permission.</p>`;
  return html`<h2>It will be able to</h2>
    <ul class="can">
      ${scopes.map(({ description }) => html`<li>${description}</li> `)}
    </ul>`;
}

/** RFC 8252 §8.6: a program on the person's computer, and an app behind a scheme, can be anybody's. */
function whereItGoes({ kind, host }: ConsentPageData['redirect']): Content {
  if (kind === 'web') return html`<b>${host}</b>`;
  return html`<b
      >${kind === 'loopback' ? 'a program on this computer' : html`the app that opens ${host}:// links`}</b
    >${kind === 'loopback' && html` <span class="small">(${host})</span>`}
    <p class="warning">Allow this only if you started it yourself just now.</p>`;
}
