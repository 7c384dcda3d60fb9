// Whether this process should live on: it answers, so it should. Nothing else is asked, because a store that is away comes
// back by itself, and whoever restarts every instance meanwhile makes the outage longer.
import { jsonResponse } from '@sallyport/protocol';

export function live(): Response {
  return jsonResponse({ status: 'ok' });
}
