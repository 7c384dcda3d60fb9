// Asking once more before a token that the person made ends.
import { askOnceMore } from './ask-once-more.ts';
import type { OnceMorePageData } from './ask-once-more.ts';
import { html, shown } from './html.ts';
import type { Html } from './html.ts';

export interface RevokeTokenPageData extends OnceMorePageData {
  readonly name: string;
  readonly server: { readonly title: string };
}

/** Posts `csrf` to `action`. */
export function revokeTokenPage(data: RevokeTokenPageData): Html {
  const { name, server } = data;
  return askOnceMore(data, {
    heading: `Revoke “${name}”?`,
    lead: html`Whatever uses this token can no longer use <b><bdi>${shown(server.title)}</bdi></b> for you.`,
    means: [
      'It takes effect at once, and cannot be undone.',
      'What was done with it stays as it is, and what was read already is not taken back.',
    ],
    words: 'Revoke',
  });
}
