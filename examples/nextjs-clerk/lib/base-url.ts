// The address of this app. It is the start of `resource`, and with that the audience of every token: it comes from the
// environment, never from a request. `Host` and `X-Forwarded-Host` are written by whoever sends the request; a server that
// believed them would publish the metadata of an address of a stranger's choice, and could be told to accept the tokens
// that were meant for it.

/**
 * Without a slash at the end: PUBLIC_URL where it is set; on Vercel the domain of production, or of the branch or the
 * deployment of a preview; on your own computer http://localhost and the port.
 * @throws where nothing says it, or it is no address
 */
export function baseUrl(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const { PUBLIC_URL, NODE_ENV, PORT, ...vercel } = env;
  if (PUBLIC_URL) return originOf(PUBLIC_URL);
  if (NODE_ENV === 'development') return `http://localhost:${PORT ?? 3000}`;
  const host =
    vercel.VERCEL_ENV === 'production'
      ? vercel.VERCEL_PROJECT_PRODUCTION_URL
      : vercel.VERCEL_BRANCH_URL || vercel.VERCEL_URL;
  if (!host)
    throw new Error('Set PUBLIC_URL to the address of this app, for example https://mcp.example.com');
  return `https://${host}`;
}

function originOf(url: string): string {
  const { origin, href } = new URL(url);
  if (href !== `${origin}/`) throw new Error(`PUBLIC_URL is the start of the address alone: ${origin}`);
  return origin;
}
