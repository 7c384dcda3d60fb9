// Which operation on records answers to which method and path, and with which status.

import { recordsOperations } from '@sallyport/toolsets';
import type { Operation } from '@sallyport/toolsets';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface Endpoint {
  readonly method: Method;
  readonly path: string;
  /** Of an answer; 204 has no body. */
  readonly status: 200 | 201 | 204;
  readonly operation: Operation;
}

const byName = new Map(recordsOperations.map((operation) => [operation.name, operation]));

function endpoint(method: Method, path: string, status: Endpoint['status'], name: string): Endpoint {
  const operation = byName.get(name);
  if (operation === undefined) throw new TypeError(`there is no operation ${name}`);
  return { method, path: `/api/v1/user/${path}`, status, operation };
}

export const endpoints: readonly Endpoint[] = [
  endpoint('GET', 'profile', 200, 'get_user_profile'),
  ...['item', 'client', 'tag'].flatMap((noun) => [
    endpoint('GET', `${noun}s`, 200, `get_user_${noun}s`),
    endpoint('GET', `${noun}s/:id`, 200, `get_user_${noun}`),
    endpoint('POST', `${noun}s`, 201, `create_user_${noun}`),
    endpoint('PATCH', `${noun}s/:id`, 200, `update_user_${noun}`),
    endpoint('DELETE', `${noun}s/:id`, 204, `delete_user_${noun}`),
  ]),
];

export const paths: readonly string[] = [...new Set(endpoints.map(({ path }) => path))];
