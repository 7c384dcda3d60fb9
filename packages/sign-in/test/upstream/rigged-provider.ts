// A provider that does in this process what others do far away, and can be told what to do next.
import { codeChallengeOf } from '@sallyport/crypto';
import type {
  AccountPolicy,
  Arrived,
  Identity,
  Leaving,
  Returned,
  UpstreamProvider,
  UpstreamWay,
} from '../../src/index.ts';
import { readCode } from '../../src/upstream/response.ts';

export interface RiggedProvider extends UpstreamProvider {
  /** Everything that it was told when browsers left. */
  readonly left: Leaving[];
  /** Everything that came back to be judged. */
  readonly returned: Returned[];
  /** Who signs in there. */
  identity: Identity;
  /** When that person proved who they are, where it says so. */
  authenticatedAt: number | undefined;
  /** Instead of an authorization URL, or of who it is. */
  failing: { begin?: () => Promise<never>; finish?: () => Promise<never> };
}

export const secretsOfProvider = ['upstream-access-token', 'upstream-refresh-token', 'upstream-id-token'];

const grace: Identity = {
  provider: 'github',
  issuer: 'https://github.com',
  subject: '583231',
  email: 'grace@example.com',
  emailVerified: true,
  name: 'Grace',
  username: 'grace',
  organizations: [],
  groups: [],
};

export function riggedProvider(
  given: { id?: string; title?: string; callbackPath?: string } = {},
): RiggedProvider {
  const { id = 'github', title = 'GitHub', callbackPath = `/${id}/callback` } = given;
  const provider: RiggedProvider = {
    id,
    title,
    callbackPath,
    left: [],
    returned: [],
    identity: { ...grace, provider: id },
    authenticatedAt: undefined,
    failing: {},
    async begin(leaving) {
      await provider.failing.begin?.();
      provider.left.push(leaving);
      const url = new URL(`https://${id}.example.com/authorize`);
      url.searchParams.set('state', leaving.state);
      url.searchParams.set('nonce', leaving.nonce);
      url.searchParams.set('redirect_uri', leaving.redirect_uri);
      url.searchParams.set('code_challenge', codeChallengeOf(leaving.code_verifier));
      return url.href;
    },
    async finish(returned): Promise<Arrived> {
      provider.returned.push(returned);
      await provider.failing.finish?.();
      readCode(returned.parameters);
      const [access_token = '', refresh_token = '', id_token = ''] = secretsOfProvider;
      const { identity, authenticatedAt } = provider;
      return {
        identity,
        authenticatedAt,
        tokens: { access_token, token_type: 'Bearer', refresh_token, id_token, rest: {} },
      };
    },
    check: async () => [],
  };
  return provider;
}

/** Whoever comes gets an account. */
export const wayOf = (provider: UpstreamProvider, policy: Partial<AccountPolicy> = {}): UpstreamWay => ({
  provider,
  policy: { accounts: 'just-in-time', linkByVerifiedEmail: false, ...policy },
});
