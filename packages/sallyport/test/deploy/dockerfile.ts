// Reads a Dockerfile as far as ours goes: stages, instructions, flags, exec forms, build arguments before the first stage.
import assert from 'node:assert/strict';

export interface Instruction {
  /** In capitals. */
  readonly word: string;
  /** `--from=build` becomes `from`, `build`. */
  readonly flags: Readonly<Record<string, string>>;
  /** What follows the flags, with continued lines joined. */
  readonly rest: string;
}

export interface Stage {
  readonly image: string;
  readonly name?: string;
  readonly instructions: readonly Instruction[];
}

export function readDockerfile(text: string): readonly Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  const args: Record<string, string> = {};
  const stages: { image: string; name?: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const { word, flags, rest } = readLine(line);
    const stage = stages.at(-1);
    if (word === 'FROM') {
      const [image = '', as, name] = expand(rest, args).split(/\s+/);
      stages.push({ image, instructions: [], ...(as === 'AS' && name !== undefined && { name }) });
    } else if (stage === undefined) {
      assert.equal(word, 'ARG', `${word} before the first stage`);
      Object.assign(args, readPairs(rest));
    } else {
      stage.instructions.push({ word, flags, rest });
    }
  }
  return stages;
}

function readLine(line: string): Instruction {
  const [, word = '', after = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
  const flags: Record<string, string> = {};
  const rest = after.replace(/^(?:--\S+\s+)*/, (found) => {
    for (const [, name = '', value = ''] of found.matchAll(/--([\w-]+)=(\S+)/g)) flags[name] = value;
    return '';
  });
  return { word: word.toUpperCase(), flags, rest };
}

/** `A=b C="d e"` as `ARG`, `ENV` and `LABEL` have them. */
export function readPairs(rest: string): Record<string, string> {
  const pairs = rest.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S*))/g);
  return Object.fromEntries([...pairs].map(([, name = '', quoted, bare]) => [name, quoted ?? bare ?? '']));
}

function expand(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    assert.ok(value !== undefined, `nobody sets ${name}`);
    return value;
  });
}

/** The rest of every instruction with this word. */
export function all(stage: Stage, word: string): readonly string[] {
  return stage.instructions.filter((one) => one.word === word).map(({ rest }) => rest);
}

/** The list of an `ENTRYPOINT` or `CMD`, also of one inside `HEALTHCHECK`. A shell's form would need a shell. */
export function execForm(rest: string): readonly string[] {
  return JSON.parse(rest.slice(rest.indexOf('['))) as string[];
}
