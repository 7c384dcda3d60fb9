// The OpenAPI 3.1 document of the records API, made from the endpoints and schemas that answer.

import type { JsonObject, ProtectedResource } from '@sallyport/protocol';
import { version } from '../version.ts';
import { endpoints, paths } from './endpoints.ts';
import type { Endpoint } from './endpoints.ts';
import { operatorEndpoints } from './registrations.ts';

export function openApiDocument(
  publicUrl: string,
  { title, scopes }: ProtectedResource,
  { hasOperator, isDelegated }: { readonly hasOperator: boolean; readonly isDelegated: boolean },
): JsonObject {
  return {
    openapi: '3.1.0',
    info: { title, version },
    servers: [{ url: publicUrl }],
    paths: {
      ...Object.fromEntries(paths.map((path) => [path.replace(':id', '{id}'), methodsOf(path)])),
      ...(hasOperator && operatorPaths()),
    },
    components: {
      securitySchemes: {
        ...(hasOperator && { operator: { type: 'http', scheme: 'bearer' } }),
        oauth: isDelegated
          ? // Where its endpoints are is for its own document to say.
            { type: 'openIdConnect', openIdConnectUrl: `${publicUrl}/.well-known/openid-configuration` }
          : ownFlow(publicUrl, scopes),
      },
      schemas: {
        Error: {
          type: 'object',
          properties: { error: { type: 'string' }, error_description: { type: 'string' } },
          required: ['error'],
        },
      },
    },
  };
}

function ownFlow(publicUrl: string, scopes: ProtectedResource['scopes']): JsonObject {
  return {
    type: 'oauth2',
    flows: {
      authorizationCode: {
        authorizationUrl: `${publicUrl}/oauth/authorize`,
        tokenUrl: `${publicUrl}/oauth/token`,
        refreshUrl: `${publicUrl}/oauth/token`,
        scopes: Object.fromEntries(scopes.map(({ name, description }) => [name, description])),
      },
    },
  };
}

function methodsOf(path: string): JsonObject {
  const here = endpoints.filter((endpoint) => endpoint.path === path);
  return Object.fromEntries(here.map((endpoint) => [endpoint.method.toLowerCase(), describe(endpoint)]));
}

function describe({ method, path, status, operation }: Endpoint): JsonObject {
  const { name, title, description, scope, input, output } = operation;
  const { properties, required = [] } = input.jsonSchema as {
    properties: Readonly<Record<string, JsonObject>>;
    required?: readonly string[];
  };
  const { id, ...others } = properties;
  const isOfOne = path.endsWith('/:id');
  const hasBody = method === 'POST' || method === 'PATCH';
  const query = hasBody ? [] : Object.entries(others);
  const body = { type: 'object', properties: others, required: required.filter((member) => member !== 'id') };
  const problems: [number, string][] = [
    [400, 'Something in the request is wrong.'],
    [401, 'The access token is missing or not good; the WWW-Authenticate header says where to get one.'],
    [403, isOfOne ? 'It is another person’s, or the token lacks a scope.' : 'The token lacks a scope.'],
    ...(isOfOne ? [[404, 'There is none with this id.'] as [number, string]] : []),
  ];
  return {
    operationId: name,
    summary: title,
    description,
    security: [{ oauth: [scope] }],
    parameters: [
      ...(isOfOne ? [{ name: 'id', in: 'path', required: true, schema: id }] : []),
      ...query.map(([parameter, schema]) => ({ name: parameter, in: 'query', schema })),
    ],
    ...(hasBody && { requestBody: { required: true, content: json(body) } }),
    responses: {
      [status]: { description: 'Done.', ...(status !== 204 && { content: json(withoutDialect(output)) }) },
      ...Object.fromEntries(
        problems.map(([code, what]) => [
          code,
          { description: what, content: json({ $ref: '#/components/schemas/Error' }) },
        ]),
      ),
    },
  };
}

/** The operator's, behind a token of its own. */
function operatorPaths(): JsonObject {
  const described: Record<string, Record<string, JsonObject>> = {};
  for (const { method, path, summary, status, query = {}, body } of operatorEndpoints) {
    const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }));
    const inQuery = Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema }));
    const problems = [400, 401, 404, 409, 429].map((code) => [
      code,
      {
        description: 'See its sentence.',
        content: json({ $ref: '#/components/schemas/Error' }),
      },
    ]);
    (described[path.replaceAll(/:(\w+)/g, '{$1}')] ??= {})[method.toLowerCase()] = {
      summary,
      security: [{ operator: [] }],
      parameters: [...inPath, ...inQuery],
      ...(body !== undefined && { requestBody: { required: true, content: json(body) } }),
      responses: {
        [status]: { description: 'Done.', ...(status !== 204 && { content: json({ type: 'object' }) }) },
        ...(Object.fromEntries(problems) as JsonObject),
      },
    };
  }
  return described;
}

const json = (schema: JsonObject): JsonObject => ({ 'application/json': { schema } });

/** OpenAPI 3.1 schemas are of the same dialect without saying so. */
function withoutDialect({ $schema: _, ...schema }: JsonObject): JsonObject {
  return schema;
}
