// The official conformance suite as a program: started with arguments, it leaves a folder of checks for each scenario.
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string;
}

export interface SuiteRun {
  /** Hears every line, of both streams. */
  readonly hear: (line: string) => void;
  /** Ends the run, whatever it has found out. */
  readonly signal?: AbortSignal;
}

const program = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'));

/** The suite itself would wait five minutes for a person who does not come. */
const runMilliseconds = 200_000;

/** Resolves when the program has ended, whatever it found out; ends it when its time is over. */
export async function runSuite(args: readonly string[], { hear, signal }: SuiteRun): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], {
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: runMilliseconds,
  });
  signal?.addEventListener('abort', () => void child.kill());
  createInterface(child.stdout).on('line', hear);
  createInterface(child.stderr).on('line', hear);
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
}

/** What the suite wrote down of a scenario, in a folder whose name ends with the time; nothing when it did not run. */
export async function checksIn(folder: string, scenario: string): Promise<readonly Check[]> {
  const results = (await readdir(folder)).find((name) => name.startsWith(`${scenario}-2`));
  if (results === undefined) return [];
  return JSON.parse(await readFile(join(folder, results, 'checks.json'), 'utf8')) as Check[];
}

/** A scenario counts as passed when something was checked, and nothing failed or was left out. */
export function isPassed({ checks }: { readonly checks: readonly Check[] }): boolean {
  return (
    checks.some(({ status }) => status === 'SUCCESS') &&
    checks.every(({ status }) => status !== 'FAILURE' && status !== 'SKIPPED')
  );
}
