// What this MCP server can do. Whoever gets here was let through by the gate: `caller` is the signed-in person.
import { McpServer, requireScopes } from '@modelcontextprotocol/server';
import type { Caller } from '@sallyport/resource-server';
import { z } from 'zod';
import { baseUrl } from './base-url.ts';
import { clerkUser } from './clerk-user.ts';
import { toolMeta, widget, widgetHtml, widgetMeta } from './widget.ts';

/** A server for one request, as the SDK wants it. */
export function toolsFor(caller: Caller): McpServer {
  const server = new McpServer({ name: 'nextjs-clerk', version: '1.0.0' });

  server.registerTool(
    'show_content',
    {
      title: 'Show content',
      description: 'Shows a greeting for a name, and as whom you are signed in.',
      inputSchema: z.object({ name: z.string().describe('The name to greet') }),
      outputSchema: z.object({ name: z.string(), userId: z.string(), timestamp: z.string() }),
      annotations: { readOnlyHint: true, openWorldHint: false },
      _meta: toolMeta,
    },
    ({ name }) => {
      const content = { name, userId: caller.sub, timestamp: new Date().toISOString() };
      return {
        content: [{ type: 'text', text: `Hello, ${name}. You are signed in as ${caller.sub}.` }],
        structuredContent: content,
        _meta: toolMeta,
      };
    },
  );

  server.registerTool(
    'get-clerk-user-data',
    {
      title: 'Get your Clerk user',
      description: 'Returns what Clerk knows of the person who is signed in.',
      // Its answer has the e-mail address in it; a client whose token does not allow that is told to ask for it.
      scopeChallenge: requireScopes('profile', 'email'),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async () => ({
      content: [{ type: 'text', text: JSON.stringify(await clerkUser(caller), null, 2) }],
    }),
  );

  const { name, uri, mimeType, title, description } = widget;
  const _meta = widgetMeta(baseUrl());
  server.registerResource(name, uri, { title, description, mimeType, _meta }, () => ({
    contents: [{ uri, mimeType, text: widgetHtml, _meta }],
  }));

  return server;
}
