import { baseURL } from '@/lib/base-url';
import { metadataCorsOptionsRequestHandler, protectedResourceHandlerClerk } from '@clerk/mcp-tools/next';

const handler = protectedResourceHandlerClerk({
  resource: `${baseURL}/mcp`,
  scopes_supported: ['profile', 'email'],
});
const corsHandler = metadataCorsOptionsRequestHandler();

export { handler as GET, handler as HEAD, corsHandler as OPTIONS };
