// The front page: what this is, and how to connect to it.
import type { Person } from '@sallyport/protocol';
import { connectInstructions } from './connect.ts';
import { html, shown } from './html.ts';
import type { Content, Html } from './html.ts';
import { hiddenFields, layout, link } from './layout.ts';
import type { PageData } from './layout.ts';
import { formTarget } from './links.ts';

export interface HomePageData extends PageData {
  /** The signed-in person, when there is one. */
  readonly person?: Pick<Person, 'email' | 'name'> | undefined;
  readonly servers: readonly { readonly title: string; readonly url: string }[];
  /** Absent: nobody signs in here. */
  readonly signInHref?: string | undefined;
  /** The authorization server where people sign in, when that is somebody else's. */
  readonly signInAt?: string | undefined;
  readonly signUpHref?: string | undefined;
  /** Nobody can sign in yet, so neither link is shown. */
  readonly firstAccountMissing?: boolean | undefined;
  /** Of the signed-in person. */
  readonly accountHref?: string | undefined;
  readonly signOut?: { readonly action: string; readonly csrf: string } | undefined;
}

/** The sign-out form posts `csrf`. */
export function homePage(data: HomePageData): Html {
  const { look, traceId, servers, signInAt } = data;
  return layout({
    look,
    traceId,
    wide: true,
    title: 'Connect',
    main: html`<h1>Connect your apps</h1>
      <p class="lead">
        This is a gate for MCP servers. Paste ${servers.length === 1 ? 'the URL' : 'a URL'} below into an app
        such as Claude, ChatGPT, Cursor or VS Code; it will send you
        ${signInAt === undefined ? 'back here' : html`to <bdi>${signInAt}</bdi>`} to sign in and to decide
        what it may do.
      </p>
      ${signInAt === undefined && account(data)}
      ${servers.length === 0 && html`<p>No server stands behind this gate yet.</p>`}
      ${servers.map((server) => connect(server, servers.length === 1))}`,
  });
}

function account(data: HomePageData): Content {
  const { person, firstAccountMissing, signInHref, signUpHref, accountHref, signOut } = data;
  if (firstAccountMissing === true) {
    return html`<p class="note">
      Nobody has an account here yet. Open the link that Sallyport printed when it started; it makes the first
      one.
    </p>`;
  }
  if (person === undefined) {
    return html`<p class="actions">
      ${signInHref !== undefined && link(signInHref, 'Sign in')}
      ${signUpHref !== undefined && link(signUpHref, 'Create an account')}
    </p>`;
  }
  return html`<div class="note signed-in">
    <span
      >Signed in as <b><bdi>${shown(person.name) || person.email}</bdi></b
      >${shown(person.name) !== '' && html` <bdi class="small">${person.email}</bdi>`}</span
    >
    <div class="beside">
      ${accountHref !== undefined && link(accountHref, 'Your account')}
      ${
        signOut !== undefined &&
        html`<form method="post" action="${formTarget(signOut.action)}">
          ${hiddenFields({ csrf: signOut.csrf })}<button type="submit">Sign out</button>
        </form>`
      }
    </div>
  </div>`;
}

/** @param open whether the first client's instruction is already unfolded */
function connect({ title, url }: { title: string; url: string }, open: boolean): Content {
  return html`<section>
    <h2><bdi>${shown(title)}</bdi></h2>
    <pre>${url}</pre>
    ${connectInstructions({ name: title, url }).map(
      ({ client, how, command }, index) =>
        html`<details${open && index === 0 && html` open`}>
          <summary>${client}</summary>
          <p>${how}</p>
          ${command !== undefined && html`<pre>${command}</pre>`}
        </details> `,
    )}
  </section>`;
}
