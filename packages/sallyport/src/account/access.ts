// Locking an app out, or all of them: asked once more, then done at once, however often the answer is sent.
import { shownAs } from '@sallyport/authorization-server';
import { clientName, pageResponse, redirectResponse, removeAccessPage } from '@sallyport/pages';
import { type Handler, sentenceOf } from '@sallyport/sign-in';
import { accountDoor, formAt, type AccountParts, type OwnVisit } from './door.ts';
import { backWith } from './notices.ts';
import { paths } from './paths.ts';
import { serverOf } from './servers.ts';

interface Problem {
  readonly problem: string;
  readonly status: number;
}

export function removeAccessDoor(parts: AccountParts): Handler {
  const { storage, rules, look, log } = parts;
  return accountDoor(parts, {
    path: paths.removeAccess,
    show: (visit) => ask(visit),
    async submit(visit) {
      const { signedIn, arrival } = visit;
      const { clientId, resource } = namedBy(visit);
      const { id: userId } = signedIn.user;
      const client = await storage.findClient(clientId);
      await storage.removeClientAccess({ userId, of: { clientId, resource }, now: arrival.now });
      log('info', 'access_removed', { userId, client_id: clientId, resource, traceId: arrival.traceId });
      const name = client?.metadata.client_name;
      return backWith('access_removed', rules, visit, clientName({ name }), serverOf(resource, parts).title);
    },
    refused: (visit, refusal) => ask(visit, { problem: sentenceOf(refusal), status: refusal.row.status }),
  });

  async function ask(visit: OwnVisit, problem?: Problem): Promise<Response> {
    const { arrival, query, setCookies, signedIn } = visit;
    const { clientId, resource } = namedBy(visit);
    const access = (await storage.listClientAccess(signedIn.user.id, arrival.now)).find(
      (one) => one.client.client_id === clientId && one.resource === resource,
    );
    if (access === undefined) return redirectResponse(paths.overview, { setCookies });
    const form = formAt(paths.removeAccess, parts, visit);
    const page = removeAccessPage({
      look,
      traceId: arrival.traceId,
      ...form,
      action: `${form.action}?${query.toString()}`,
      app: {
        client: shownAs(access.client),
        server: serverOf(resource, parts),
      },
      problem: problem?.problem,
      cancelHref: paths.overview,
    });
    return pageResponse(page, { status: problem?.status ?? 200, setCookies, traceId: arrival.traceId });
  }
}

export function removeAllAccessDoor(parts: AccountParts): Handler {
  const { storage, rules, look, log } = parts;
  return accountDoor(parts, {
    path: paths.removeAllAccess,
    show: (visit) => ask(visit),
    async submit(visit) {
      const { signedIn, arrival } = visit;
      const { id: userId } = signedIn.user;
      await storage.removeClientAccess({ userId, of: 'everything', now: arrival.now });
      log('info', 'all_access_removed', { userId, traceId: arrival.traceId });
      return backWith('all_access_removed', rules, visit);
    },
    refused: (visit, refusal) => ask(visit, { problem: sentenceOf(refusal), status: refusal.row.status }),
  });

  async function ask(visit: OwnVisit, problem?: Problem): Promise<Response> {
    const { arrival, setCookies, signedIn } = visit;
    const of = { userId: signedIn.user.id, now: arrival.now };
    const page = removeAccessPage({
      look,
      traceId: arrival.traceId,
      ...formAt(paths.removeAllAccess, parts, visit),
      tokenCount: (await storage.listPersonalAccessTokens(of)).length,
      problem: problem?.problem,
      cancelHref: paths.overview,
    });
    return pageResponse(page, { status: problem?.status ?? 200, setCookies, traceId: arrival.traceId });
  }
}

function namedBy({ query }: OwnVisit): { readonly clientId: string; readonly resource: string } {
  return { clientId: query.get('client_id') ?? '', resource: query.get('resource') ?? '' };
}
