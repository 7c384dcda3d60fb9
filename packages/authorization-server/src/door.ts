// The only place where a refusal is caught: a page for a person, the RFC's JSON for a program.
import { pageResponse, problemPage } from '@sallyport/pages';
import { isRefusal, jsonResponse, type Refusal } from '@sallyport/protocol';
import { StorageUnavailable } from '@sallyport/storage';
import { RETRY_AFTER_SECONDS } from './limits.ts';
import type { AuthorizationServerOptions, Handler } from './options.ts';
import { refuse } from './refusals.ts';

type Answer = (refusal: Refusal, request: Request, traceId: string) => Response;

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
        const response = answer(refuse('temporarily_unavailable'), request, traceId);
        response.headers.set('retry-after', String(RETRY_AFTER_SECONDS));
        return response;
      }
      if (!isRefusal(error)) throw error;
      log('info', 'refused', { room: 'authorization-server', traceId, reason: error.reason, ...error.facts });
      const response = answer(error, request, traceId);
      if (error.row.status === 405) response.headers.set('allow', methods.join(', '));
      return response;
    }
  };
}

/** RFC 6749 §5.2: JSON; a failed client authentication that used the header gets a challenge for it. */
export const answerJson: Answer = ({ row }, request, traceId) => {
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

export function answerPage({ look }: AuthorizationServerOptions): Answer {
  return ({ row }, _request, traceId) => {
    const page = problemPage({
      look,
      title: row.title ?? 'This did not work',
      sentence: row.sentence,
      traceId,
    });
    return pageResponse(page, { status: row.status, traceId });
  };
}
