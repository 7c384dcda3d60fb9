// The only place where a refusal is caught: a page for a person, the RFC's JSON for a program.
import { SecretsOutdated } from '@sallyport/crypto';
import { pageResponse, problemPage } from '@sallyport/pages';
import {
  type Arrival,
  isClientIdUrl,
  isRefusal,
  jsonResponse,
  printChallenge,
  type Refusal,
} from '@sallyport/protocol';
import { StorageUnavailable } from '@sallyport/storage';
import { RETRY_AFTER_SECONDS } from './limits.ts';
import type { AuthorizationServerOptions, Handler } from './options.ts';
import { refuse } from './refusals.ts';

type Answer = (refusal: Refusal, request: Request, arrival: Arrival) => Response;

/** Guards a handler: methods, refusals, an unreachable store. Anything else is a fault of ours and goes on upwards. */
export function door(
  methods: readonly string[],
  handler: Handler,
  answer: Answer,
  { log }: AuthorizationServerOptions,
): Handler {
  return async (request, arrival) => {
    try {
      if (!methods.includes(request.method)) throw refuse('method_not_allowed', { method: request.method });
      return await handler(request, arrival);
    } catch (error) {
      // Read only now: by then the room may know which login this belongs to.
      const { traceId } = arrival;
      if (error instanceof StorageUnavailable) {
        log('error', 'storage_unavailable', { traceId, message: error.message });
        return later(answer(refuse('temporarily_unavailable'), request, arrival));
      }
      if (error instanceof SecretsOutdated) {
        // Not the client's doing: told that its token is invalid, it would sign the person out.
        log('error', 'secrets_outdated', {
          traceId,
          keyId: error.keyId,
          next: 'Give this instance the secrets.json of the others; it is read again by itself.',
        });
        return later(answer(refuse('key_unknown'), request, arrival));
      }
      if (!isRefusal(error)) throw error;
      const { reason, row, facts } = error;
      const { isFirst, ...told } = facts;
      log('info', 'refused', { room: 'authorization-server', traceId, reason, ...told });
      // Once for each place and minute: who is beyond a limit often is so by the thousand.
      if (isFirst === true) log('warn', 'rate_limit_reached', { traceId, ...told });
      const response = answer(error, request, arrival);
      if (row.status === 405) response.headers.set('allow', methods.join(', '));
      const wait = facts['retryAfterSeconds'];
      if (wait !== undefined) response.headers.set('retry-after', String(wait));
      return response;
    }
  };
}

function later(response: Response): Response {
  response.headers.set('retry-after', String(RETRY_AFTER_SECONDS));
  return response;
}

/** RFC 6749 §5.2: JSON; a failed client authentication that used the header gets a challenge for it. */
export const answerJson: Answer = ({ row }, request, { traceId }) => {
  const { error, sentence, status } = row;
  const challenged = status === 401 && request.headers.has('authorization');
  return jsonResponse(
    { error, error_description: sentence },
    {
      status,
      headers: {
        ...(challenged && { 'www-authenticate': 'Basic realm="token"' }),
        'sallyport-trace': traceId,
      },
    },
  );
};

/** RFC 6750 §3, where a bearer token opens: the same JSON, with a challenge that names the error once there was a token. */
export const answerBearer: Answer = ({ row }, request, { traceId }) => {
  const { error, sentence, status } = row;
  const wasPresented = request.headers.has('authorization');
  const challenge = printChallenge(
    wasPresented ? { error: 'invalid_token', error_description: sentence } : {},
  );
  return jsonResponse(
    { error, error_description: sentence },
    {
      status,
      headers: { ...(status === 401 && { 'www-authenticate': challenge }), 'sallyport-trace': traceId },
    },
  );
};

export function answerPage({ look }: AuthorizationServerOptions): Answer {
  return ({ row, facts }, _request, { traceId, client_id }) => {
    const wait = facts['retryAfterSeconds'];
    const page = problemPage({
      look,
      title: row.title ?? 'This did not work',
      sentence: row.sentence,
      ...(client_id !== undefined && isClientIdUrl(client_id) && { app: client_id }),
      ...(typeof wait === 'number' && { nextStep: `Wait ${timeOf(wait)}, then reload this page.` }),
      traceId,
    });
    return pageResponse(page, { status: row.status, traceId });
  };
}

function timeOf(seconds: number): string {
  if (seconds <= 90) return seconds === 1 ? 'a second' : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
