// The contract of every toolset: what a gate, a consent page and a client rely on. Schemas are judged by ajv, which had
// no part in making them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import type { Caller, JsonObject, Tool, ToolAnswer, Toolset } from '@sallyport/protocol';

const validator = new AjvJsonSchemaValidator();

function matches(schema: JsonObject, value: unknown): string | undefined {
  const judged = validator.getValidator(schema)(value);
  return judged.valid ? undefined : judged.errorMessage;
}

function toolNamed(toolset: Toolset, name: string): Tool {
  const tool = toolset.tools.find((candidate) => candidate.name === name);
  assert.ok(tool, `no tool ${name}`);
  return tool;
}

/** Calls a tool as the gate does, and holds its answer to its schema. */
export async function call(
  toolset: Toolset,
  name: string,
  args: unknown,
  context: { readonly caller: Caller; readonly now: number },
): Promise<ToolAnswer | { readonly issues: readonly string[] }> {
  const tool = toolNamed(toolset, name);
  const read = tool.input.read(args);
  assert.equal(
    read.ok || matches(tool.input.jsonSchema, args) !== undefined || !isStructural(read.issues),
    true,
  );
  if (!read.ok) return { issues: read.issues };
  const answer = await tool.run(read.value, context);
  if (answer.structuredContent !== undefined) {
    assert.equal(matches(tool.output, answer.structuredContent), undefined);
    assert.deepEqual(JSON.parse(JSON.stringify(answer.structuredContent)), answer.structuredContent);
  } else {
    assert.notEqual(answer.error, '');
  }
  return answer;
}

/** A missing member or a wrong type must be visible in the schema; finer rules may only be told. */
function isStructural(issues: readonly string[]): boolean {
  return issues.some((issue) => issue.includes('Invalid input'));
}

/** @param valid arguments, by tool, that the tool takes */
export function toolsetContract(toolset: Toolset, valid: Readonly<Record<string, JsonObject>>): void {
  test('a toolset has an id, a title, and scopes in words that follow "It will be able to …"', () => {
    assert.match(toolset.id, /^[a-z][a-z0-9-]*$/);
    assert.notEqual(toolset.title, '');
    assert.ok(toolset.scopes.length > 0);
    for (const { name, description } of toolset.scopes) {
      // RFC 6749 §3.3
      assert.match(name, /^[\x21\x23-\x5b\x5d-\x7e]+$/);
      assert.match(description, /^[a-z].*[^.]$/);
    }
  });

  test('scopes are named once, and the default ones are among them', () => {
    const names = toolset.scopes.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(toolset.defaultScopes.length > 0);
    for (const scope of toolset.defaultScopes) assert.ok(names.includes(scope), scope);
  });

  test('every scope is needed by something, and nothing needs others', () => {
    const { tools, resources = [], prompts = [] } = toolset;
    const needed = new Set([...tools, ...resources, ...prompts].flatMap(({ scope }) => scope));
    assert.deepEqual([...needed].toSorted(), toolset.scopes.map(({ name }) => name).toSorted());
  });

  test('tool names are unique and of the characters that clients take', () => {
    const names = toolset.tools.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^[A-Za-z0-9_.-]{1,128}$/);
  });

  for (const { uri, title, description, scope } of toolset.resources ?? []) {
    test(`${uri} has a title, a description, a scope and the form in which URLs are compared`, () => {
      assert.notEqual(title, '');
      assert.notEqual(description, '');
      assert.ok(scope.length > 0);
      assert.equal(new URL(uri).href, uri);
    });
  }

  for (const { name, title, description, scope, arguments: declared } of toolset.prompts ?? []) {
    test(`${name} has a title, a description, a scope, and arguments with one name each`, () => {
      assert.notEqual(title, '');
      assert.notEqual(description, '');
      assert.ok(scope.length > 0);
      assert.equal(new Set(declared.map((argument) => argument.name)).size, declared.length);
    });
  }

  for (const tool of toolset.tools) {
    test(`${tool.name} has a title, a description, a scope and hints that do not contradict each other`, () => {
      assert.notEqual(tool.title, '');
      assert.ok(tool.description.length > 20);
      assert.ok(tool.scope.length > 0);
      const { readOnlyHint, destructiveHint } = tool.annotations;
      assert.ok(readOnlyHint ? destructiveHint !== true : destructiveHint !== undefined);
    });

    test(`${tool.name} has schemas of objects, with every member described by a type`, () => {
      for (const schema of [tool.input.jsonSchema, tool.output]) {
        assert.equal(schema['type'], 'object');
        for (const member of Object.values(schema['properties'] as Record<string, JsonObject>)) {
          assert.equal(typeof member['type'], 'string');
        }
      }
    });

    test(`${tool.name} takes what its schema takes, and nothing that is no object`, () => {
      const args = valid[tool.name];
      assert.ok(args, `no example for ${tool.name}`);
      assert.equal(matches(tool.input.jsonSchema, args), undefined);
      assert.equal(tool.input.read(args).ok, true);
      for (const odd of [null, undefined, [], 'text', 1]) assert.equal(tool.input.read(odd).ok, false);
    });

    test(`${tool.name} says where an argument is wrong`, () => {
      for (const member of Object.keys(tool.input.jsonSchema['properties'] as object)) {
        const read = tool.input.read({ ...valid[tool.name], [member]: { not: 'this' } });
        assert.ok(!read.ok);
        assert.ok(
          read.issues.some((issue) => issue.startsWith(`${member}: `)),
          member,
        );
      }
    });
  }
}
