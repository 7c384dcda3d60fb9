// How each common client is pointed at an MCP server; read by the home page and by the command line's start banner.

export interface ConnectInstruction {
  /** The client's name. */
  readonly client: string;
  /** One or two sentences: where to click, or where the text below goes. */
  readonly how: string;
  /** To be copied: a shell command, or the JSON of a settings file. */
  readonly command?: string;
}

/**
 * @param name the server's short name in the client; anything but letters, digits and `_` becomes `-`, since it ends up
 *   in a command line
 * @param url the exact MCP URL
 */
export function connectInstructions(server: { name: string; url: string }): ConnectInstruction[] {
  const name = shortName(server.name);
  const { url } = server;
  return [
    {
      client: 'Claude Code',
      how: 'Run this, then type /mcp in Claude Code and choose the server to sign in.',
      command: `claude mcp add --transport http ${name} ${shellWord(url)}`,
    },
    {
      client: 'Cursor',
      how: 'Put this into ~/.cursor/mcp.json (or .cursor/mcp.json in a project), then sign in when Cursor asks.',
      command: JSON.stringify({ mcpServers: { [name]: { url } } }, null, 2),
    },
    {
      client: 'VS Code',
      how: 'Put this into .vscode/mcp.json, or run “MCP: Add Server” from the Command Palette.',
      command: JSON.stringify({ servers: { [name]: { type: 'http', url } } }, null, 2),
    },
    {
      client: 'Claude',
      how: `In Claude on the web or the desktop: Customize → Connectors → + → Add custom connector, and paste the URL.${fromTheInternet('Claude', url)}`,
    },
    {
      client: 'ChatGPT',
      how: `In ChatGPT on the web: Plugins → + → Add custom MCP server, paste the URL as Server URL, choose OAuth, and create it as a plugin.${fromTheInternet('ChatGPT', url)}`,
    },
  ];
}

/** These two connect from their own computers: an address of this machine means nothing to them. */
function fromTheInternet(client: string, url: string): string {
  const { protocol, hostname } = new URL(url);
  const reachable = protocol === 'https:' && !/(^|\.)localhost$|^127\.|^\[::1\]$/.test(hostname);
  return reachable
    ? ''
    : ` ${client} connects over the internet, so this needs a public https address first.`;
}

function shortName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'sallyport' : name;
}

/** A URL may hold characters that a shell would act on. */
function shellWord(text: string): string {
  return /^[\w:/.@%+=,[\]-]+$/.test(text) && !text.includes('[')
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}
