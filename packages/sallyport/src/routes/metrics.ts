// What the operator's monitoring asks, with the token of `metrics.token`; without that key there is nothing here
// (docs/decisions/who-reads-the-metrics.md).
import { digest, equalInConstantTime } from '@sallyport/crypto';
import { jsonResponse, readBearer } from '@sallyport/protocol';
import type { Metrics } from '../metrics/index.ts';

export interface MetricsDoor {
  readonly metrics: Pick<Metrics, 'print'>;
  readonly token: string;
}

export async function showMetrics({ metrics, token }: MetricsDoor, request: Request): Promise<Response> {
  const presented = readBearer(request.headers.get('authorization') ?? '');
  // Digests, since only texts of one length take the same time.
  if (presented === undefined || !equalInConstantTime(digest(presented), digest(token))) {
    return jsonResponse(
      { error: 'invalid_token', error_description: 'The metrics need the token of metrics.token.' },
      { status: 401, headers: { 'www-authenticate': 'Bearer realm="metrics"' } },
    );
  }
  const { text, contentType } = await metrics.print();
  return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } });
}
