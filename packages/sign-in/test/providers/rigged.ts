// A provider's API that answers what a test says, and remembers what it was asked.
import type { Answered, Asked, GuardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal } from '@sallyport/protocol';
import type { Leaving, Returned } from '../../src/providers/provider.ts';

export const now = 1_800_000_000;
export const redirect_uri = 'https://mcp.example.com/github/callback';
export const code_verifier = 'v'.repeat(43);

export const leaving: Leaving = { redirect_uri, state: 's', nonce: 'n', code_verifier, again: false, now };

export function returned(query: string): Returned {
  return { parameters: new URLSearchParams(query), redirect_uri, nonce: 'n', code_verifier, now };
}

/** By URL: what stands in the body; a number is a status with an empty object, a text is HTML, an Error is thrown,
 * and headers come with status 403. */
export type Answers = Readonly<Record<string, unknown>>;

export function rigged(answers: Answers) {
  const asked: { readonly url: string; readonly asked: Asked }[] = [];
  const operator: GuardedFetch = {
    fetchDocument: () => Promise.reject(new Error('not for documents')),
    exchange(url, one) {
      asked.push({ url, asked: one });
      const said = answers[url];
      if (said instanceof Error) return Promise.reject(said);
      return Promise.resolve(answerOf(said));
    },
  };
  return { fetch: { operator, stranger: operator }, asked };
}

function answerOf(said: unknown): Answered {
  const isHtml = typeof said === 'string';
  const headers = said instanceof Headers ? said : new Headers();
  const status =
    said instanceof Headers ? 403 : typeof said === 'number' ? said : said === undefined ? 404 : 200;
  const body = isHtml ? said : JSON.stringify(typeof said === 'number' || said === undefined ? {} : said);
  return {
    status,
    header: (name) => headers.get(name) ?? undefined,
    contentType: isHtml ? 'text/html' : 'application/json',
    bytes: new TextEncoder().encode(body),
    freshForSeconds: undefined,
  };
}

export const refusedFor = (reason: string) => (failure: unknown) =>
  isRefusal(failure) && failure.reason === reason;
