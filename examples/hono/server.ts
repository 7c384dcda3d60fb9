// An MCP server with Hono and the MCP SDK 2, for clients of both protocol eras. People sign in at the authorization server
// of ISSUER; whoever comes without a token for this server is shown the way there.
import { serve } from '@hono/node-server';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { delegatedResourceServer, type Caller } from '@sallyport/resource-server';
import { requireToken, wellKnown, type Guarded } from '@sallyport/resource-server/hono';
import { Hono } from 'hono';
import { z } from 'zod';

const { ISSUER = '', RESOURCE = '', SCOPES = '', CLIENT_ID, CLIENT_SECRET, PORT = '3000' } = process.env;

const guard = delegatedResourceServer({
  resource: RESOURCE,
  title: 'Hono example',
  scopes: SCOPES.split(' ').filter(Boolean),
  authorizationServer: {
    issuer: ISSUER,
    // Only where the issuer's access tokens are not JWTs: it is asked what each one means.
    ...(CLIENT_ID !== undefined &&
      CLIENT_SECRET !== undefined && {
        introspection: { client_id: CLIENT_ID, client_secret: CLIENT_SECRET },
      }),
  },
});

const path = new URL(RESOURCE).pathname;
const app = new Hono<Guarded>();
app.use(wellKnown(guard));
app.use(path, requireToken(guard));
app.all(path, (c) => {
  const caller = c.get('caller');
  return createMcpHandler(() => toolsOf(caller)).fetch(c.req.raw, { authInfo: c.get('authInfo') });
});
serve({ fetch: app.fetch, port: Number(PORT) }, () => console.log(`MCP server at ${RESOURCE}`));

function toolsOf({ sub, client_id, scope, foreign }: Caller): McpServer {
  const server = new McpServer({ name: 'hono-example', version: '1.0.0' });
  server.registerTool('whoami', { description: 'Says who is calling, and through which app' }, () => ({
    content: [
      {
        type: 'text',
        text: `${foreign?.name ?? sub} (${sub}), through ${client_id}, may: ${scope.join(' ') || 'nothing in particular'}`,
      },
    ],
  }));
  server.registerTool(
    'count_words',
    { description: 'Counts the words of a text', inputSchema: z.object({ text: z.string() }) },
    ({ text }) => ({ content: [{ type: 'text', text: String(text.split(/\s+/).filter(Boolean).length) }] }),
  );
  return server;
}
