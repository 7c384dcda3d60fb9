// An MCP server with Express and the MCP SDK 1. People sign in at the authorization server of ISSUER; whoever comes
// without a token for this server is shown the way there.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { delegatedResourceServer, type Caller } from '@sallyport/resource-server';
import { callerOf, requireToken, wellKnown } from '@sallyport/resource-server/express';
import express from 'express';
import { z } from 'zod';

const { ISSUER = '', RESOURCE = '', SCOPES = '', CLIENT_ID, CLIENT_SECRET, PORT = '3000' } = process.env;

const guard = delegatedResourceServer({
  resource: RESOURCE,
  title: 'Express example',
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

const app = express();
app.use(wellKnown(guard));
app.all(new URL(RESOURCE).pathname, requireToken(guard), express.json({ limit: '4mb' }), async (req, res) => {
  // One server for each call: nothing is kept between them.
  const server = toolsOf(callerOf(req));
  const transport = new StreamableHTTPServerTransport();
  res.on('close', () => void server.close());
  await server.connect(transport as Parameters<McpServer['connect']>[0]);
  await transport.handleRequest(req, res, req.body);
});
app.listen(Number(PORT), () => console.log(`MCP server at ${RESOURCE}`));

function toolsOf({ sub, client_id, scope, foreign }: Caller): McpServer {
  const server = new McpServer({ name: 'express-example', version: '1.0.0' });
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
    { description: 'Counts the words of a text', inputSchema: { text: z.string() } },
    ({ text }) => ({ content: [{ type: 'text', text: String(text.split(/\s+/).filter(Boolean).length) }] }),
  );
  return server;
}
