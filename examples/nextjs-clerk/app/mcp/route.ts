import { createMcpHandler } from '@modelcontextprotocol/server';
import { guarded } from '@sallyport/resource-server/next';
import { guard } from '../../lib/guard.ts';
import { toolsFor } from '../../lib/tools.ts';

export const { GET, HEAD, POST, DELETE, OPTIONS } = guarded(guard, (request, { caller, authInfo }) =>
  createMcpHandler(() => toolsFor(caller)).fetch(request, { authInfo }),
);
