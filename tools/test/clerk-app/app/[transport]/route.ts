import { verifyClerkToken } from '@clerk/mcp-tools/next';
import { auth, clerkClient } from '@clerk/nextjs/server';
import { createMcpHandler, withMcpAuth } from '@vercel/mcp-adapter';
import { z } from 'zod';
import { baseURL } from '@/lib/base-url';

const widget = {
  uri: 'ui://widget/content-template.html',
  mimeType: 'text/html+skybridge',
  _meta: {
    'openai/widgetDescription': 'Shows the content',
    'openai/widgetPrefersBorder': true,
    'openai/widgetCSP': { connect_domains: [], resource_domains: [] },
    'openai/widgetDomain': baseURL,
  },
};
const toolMeta = {
  'openai/outputTemplate': widget.uri,
  'openai/toolInvocation/invoking': 'Loading content...',
  'openai/toolInvocation/invoked': 'Content loaded',
  'openai/widgetAccessible': false,
  'openai/resultCanProduceWidget': true,
};

const handler = createMcpHandler((server) => {
  server.registerResource(
    'content-widget',
    widget.uri,
    { title: 'Content', mimeType: widget.mimeType, _meta: widget._meta },
    async (uri) => ({
      contents: [{ uri: uri.href, mimeType: widget.mimeType, text: '<h1>Content</h1>', _meta: widget._meta }],
    }),
  );

  server.registerTool(
    'show_content',
    { title: 'Show content', inputSchema: { name: z.string() }, _meta: toolMeta },
    async ({ name }, { authInfo }) => {
      const userId = authInfo?.extra?.userId as string;
      return {
        content: [{ type: 'text', text: `Hello, ${name} (${userId})` }],
        structuredContent: { name, userId, timestamp: new Date().toISOString() },
        _meta: toolMeta,
      };
    },
  );

  server.registerTool('get-clerk-user-data', { title: 'Get Clerk user data' }, async ({ authInfo }) => {
    const client = await clerkClient();
    const user = await client.users.getUser(authInfo?.extra?.userId as string);
    return { content: [{ type: 'text', text: JSON.stringify(user) }] };
  });
});

const authHandler = withMcpAuth(
  handler,
  async (_, token) => {
    const clerkAuth = await auth({ acceptsToken: 'oauth_token' });
    return verifyClerkToken(clerkAuth, token);
  },
  { required: true, resourceMetadataPath: '/.well-known/oauth-protected-resource' },
);

const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, POST, HEAD, OPTIONS',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type',
  'Access-Control-Max-Age': '86400',
};

export function OPTIONS() {
  return new Response(null, { status: 204, headers: cors });
}

export { authHandler as GET, authHandler as HEAD, authHandler as POST };
