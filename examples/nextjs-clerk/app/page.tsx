import { headers } from 'next/headers';
import { baseUrl } from '../lib/base-url.ts';

export default async function Page() {
  // The address is that of where it runs, not of where it was built.
  await headers();
  const url = `${baseUrl()}/mcp`;
  return (
    <main
      style={{ maxWidth: '38rem', margin: '4rem auto', padding: '0 1.25rem', font: '16px/1.6 system-ui' }}
    >
      <h1 style={{ fontSize: '1.6rem', lineHeight: 1.25 }}>An MCP server</h1>
      <p>
        Paste this into ChatGPT, Claude, Cursor or another MCP client. You will sign in with Clerk, and agree.
      </p>
      <p>
        <code style={{ overflowWrap: 'anywhere', fontSize: '1.1rem' }}>{url}</code>
      </p>
    </main>
  );
}
