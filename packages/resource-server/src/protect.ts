// The whole door of one MCP server, for any framework: its documents, preflights, the guard, and the headers that web
// pages need on every answer. The adapters only translate.
import { randomToken } from '@sallyport/crypto';
import { readBearer, type Arrival, type Caller } from '@sallyport/protocol';
import { anyOrigin, preflight } from './cors.ts';
import type { ResourceServer } from './guard.ts';
import { unavailable } from './well-known.ts';
import { AuthorizationServerUnavailable } from './unavailable.ts';

/** What the MCP SDKs take as `authInfo`, and hand to every tool. */
export interface AuthInfo {
  token: string;
  clientId: string;
  scopes: string[];
  /** Epoch seconds. */
  expiresAt: number;
  resource: URL;
  extra: {
    /** The person's id (`sub`). */
    userId: string;
    caller: Caller;
  };
}

/** Who was let through. */
export interface Passed {
  readonly caller: Caller;
  readonly authInfo: AuthInfo;
}

export interface ProtectOptions {
  /** What every call needs, beside what single tools ask for by `insufficientScope`. */
  readonly requiredScopes?: readonly string[];
  /**
   * From where a request comes, by a header that your proxy sets: a flood of made-up tokens then waits for itself. Default:
   * what the framework says (`req.ip`), where it says anything.
   */
  readonly addressOf?: (request: Request) => string | undefined;
  /** Hears, once, why nobody could be judged: the answer is 503. Default: a warning of the process. */
  readonly onError?: (error: Error) => void;
}

export interface Door {
  readonly guard: ResourceServer;
  /** A document that clients find their way by; undefined when the request is for none. */
  wellKnown(request: Request): Promise<Response | undefined>;
  /**
   * Who calls, or the answer: a preflight's, a challenge, or 503. The body is not read.
   * @param address of the client, where the framework knows it
   */
  enter(request: Request, address?: string): Promise<Passed | Response>;
  /** Tells `onError`. */
  tell(error: unknown): void;
}

/**
 * The door that every adapter stands at; for a framework that has none, call it yourself.
 * @throws TypeError for a guard that is none, and scopes that it does not know
 */
export function protect(guard: ResourceServer, options: ProtectOptions = {}): Door {
  const { requiredScopes = [], onError = (error) => process.emitWarning(error) } = options;
  judgeProtection(guard, requiredScopes);
  let told: unknown;
  return { guard, wellKnown: (request) => guard.wellKnown(request, now()), enter, tell };

  async function enter(request: Request, address?: string): Promise<Passed | Response> {
    if (request.method === 'OPTIONS') return preflight('GET, POST, DELETE, HEAD, OPTIONS');
    try {
      const from = options.addressOf === undefined ? address : options.addressOf(request);
      const caller = await guard.admit(request, now(), from === undefined ? undefined : arrivalFrom(from));
      if (caller instanceof Response) return anyOrigin(caller);
      if (!guard.hasScopes(requiredScopes, caller))
        return anyOrigin(guard.insufficientScope(requiredScopes, caller));
      return { caller, authInfo: authInfoOf(request, caller) };
    } catch (error) {
      if (!(error instanceof AuthorizationServerUnavailable)) throw error;
      tell(error);
      return anyOrigin(unavailable());
    }
  }

  /** An issuer that is away fails every request with the same error. */
  function tell(error: unknown): void {
    if (error === told) return;
    told = error;
    onError(error instanceof Error ? error : new Error(String(error)));
  }
}

/** A slip here would refuse every call for a reason that no client can mend. */
function judgeProtection(guard: ResourceServer | undefined, requiredScopes: unknown): void {
  if (guard === undefined)
    throw new TypeError('There is no guard: hand over what delegatedResourceServer(…) returned.');
  const names = guard.resource.scopes.map(({ name }) => name);
  if (!Array.isArray(requiredScopes)) throw new TypeError("requiredScopes is a list: ['notes:read']");
  const unknown = requiredScopes.find((name: unknown) => !names.includes(String(name))) as unknown;
  if (names.length > 0 && unknown !== undefined)
    throw new TypeError(
      `requiredScopes: ${JSON.stringify(unknown)} is none of the scopes of the guard: ${names.join(', ')}`,
    );
}

function authInfoOf(request: Request, caller: Caller): AuthInfo {
  return {
    token: readBearer(request.headers.get('authorization')) ?? '',
    clientId: caller.client_id,
    scopes: [...caller.scope],
    expiresAt: caller.expiresAt,
    resource: new URL(caller.resource),
    extra: { userId: caller.sub, caller },
  };
}

/** As nobody here has a login to follow, each request has a trace of its own. */
function arrivalFrom(address: string): Arrival {
  return { now: now(), address, traceId: randomToken(9) };
}

/** The door is where the clock is read. */
const now = (): number => Math.floor(Date.now() / 1000);
