// The Inspector's command line: one program for each call, which connects, asks, prints and ends.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ToolsClient } from './tools.ts';

const program = join(
  dirname(fileURLToPath(import.meta.resolve('@modelcontextprotocol/inspector/package.json'))),
  'clients',
  'launcher',
  'build',
  'index.js',
);

export interface Inspection {
  readonly url: URL;
  readonly era: 'legacy' | 'modern';
  /** Where it keeps what it remembers. */
  readonly folder: string;
  /** How it is let in: `--header …`, or nothing when it is to sign in by itself. */
  readonly credentials: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** The rest of the tests sees it as one more client. */
export interface InspectorClient extends ToolsClient {
  /** What it prints for one method, as it came. @throws Error with what it complained of, when it fails */
  ask(method: string, ...options: readonly string[]): Promise<unknown>;
}

export function inspector({ url, era, folder, credentials, environment }: Inspection): InspectorClient {
  const own = ['--cli', url.href, '--transport', 'http', '--protocol-era', era, '--format', 'json'];
  return { ask, listTools, callTool };

  async function ask(method: string, ...options: readonly string[]): Promise<unknown> {
    const child = spawn(process.execPath, [program, ...own, ...credentials, '--method', method, ...options], {
      // It is started for every call, so that what the first one compiles is kept for the others.
      env: { HOME: folder, NODE_COMPILE_CACHE: join(folder, 'compiled'), ...environment },
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 200_000,
    });
    const ended = new Promise<number | null>((resolve, reject) =>
      child.once('close', resolve).once('error', reject),
    );
    const [printed, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (printed === '') throw new Error(`it ended with ${code}: ${complaints}`);
    return (JSON.parse(printed) as { result: unknown }).result;
  }

  async function listTools(): Promise<{ tools: { name: string }[] }> {
    return (await ask('tools/list')) as { tools: { name: string }[] };
  }

  function callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown> {
    const args = JSON.stringify(call.arguments);
    return ask('tools/call', '--tool-name', call.name, '--tool-args-json', args);
  }
}
