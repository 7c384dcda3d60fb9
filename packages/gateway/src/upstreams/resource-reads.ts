// One `resources/read`.

import { hasOddRequestState, readResourceRead } from '@sallyport/protocol';
import type { Resource } from '@sallyport/protocol';
import { attempt } from './attempt.ts';
import { printStamped } from './era.ts';
import type { Era } from './era.ts';
import { internalError, invalidParams, invalidRequestState, malformedParams } from './reply.ts';
import type { Method } from './reply.ts';

export function resourceReads(list: readonly Resource[], era: Era): Method {
  const resources = new Map(list.map((resource) => [resource.uri, resource]));
  return async (request, exchange) => {
    if (hasOddRequestState(request)) return invalidRequestState(request);
    const asked = readResourceRead(request);
    if (!asked.ok) return malformedParams(request, asked.issues);
    const { uri } = asked.params;
    const normal = normalUri(uri);
    if (normal === undefined) {
      return invalidParams(request, `Resource URI ${uri} is invalid`, { uri, reason: 'invalid_uri' });
    }
    const resource = resources.get(normal);
    if (resource === undefined) return invalidParams(request, `Resource not found: ${uri}`, { uri });
    const read = await attempt({ kind: 'resource', name: normal }, exchange, (context) =>
      resource.read(context),
    );
    if (!read.ok) return internalError(request, read.sentence);
    const contents = [{ uri: normal, mimeType: resource.mimeType, text: read.value.text }];
    return { body: printStamped(request.id, { contents, ...era.cacheHints }, era) };
  };
}

/** One resource has one address, however it is written; undefined when it is no address. */
export function normalUri(uri: string): string | undefined {
  return URL.canParse(uri) ? new URL(uri).href : undefined;
}
