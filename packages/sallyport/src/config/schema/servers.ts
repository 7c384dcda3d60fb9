// MCP servers: behind the gate, or elsewhere with tokens of ours.

import { comparableResource } from '@sallyport/protocol';
import { z } from 'zod';
import { shownText, text } from '../judged-text.ts';
import { bounds } from '../limits.ts';
import { isLoopbackHost } from '../public-url.ts';
import type { Judgement } from '../public-url.ts';
import { reservedWords } from '../reserved-words.ts';

const scopeAliases = z
  .record(z.string(), z.array(z.string()).min(1))
  .optional()
  .meta({
    description:
      'Other words that clients may ask for scopes with, and the scopes that each stands for. Default: none.',
    examples: [{ 'mcp:tools': ['read', 'write'] }],
  });

const serverName = text(judgeServerName);

const titleLike = (example: string) =>
  shownText(bounds.titleCharacters)
    .optional()
    .meta({ description: 'Name shown to people on the consent page.', examples: [example] });

const server = z.strictObject({
  name: serverName.meta({
    description: 'Short name of the server; part of its path. Lower-case letters, digits and hyphens.',
    examples: ['records'],
  }),
  title: titleLike('Records'),
  path: text(judgeServerPath)
    .optional()
    .meta({
      description: 'Where it answers: /mcp or /mcp/<name>. Default: /mcp/<name>.',
      examples: ['/mcp'],
    }),
  toolset: z
    .enum(['records'])
    .meta({ description: 'The ready-made tools that it offers.', examples: ['records'] }),
  defaultScopes: z
    .array(z.enum(['read', 'write']))
    .min(1)
    .optional()
    .meta({
      description:
        'What a client gets that asks for nothing, and is told to ask for first. Default: read. Add write for clients that cannot ask for more later.',
      examples: [['read', 'write']],
    }),
  scopeAliases,
  default: z
    .boolean()
    .optional()
    .meta({
      description:
        'Whether an authorization request without `resource` means this server. Default: true for an only server.',
      examples: [true],
    }),
});

const scopeDescription = shownText(bounds.scopeDescriptionCharacters).meta({
  examples: ['read your notes'],
});

const broaderScope = z.strictObject({
  description: scopeDescription.meta({
    description: 'What it lets a client do, as people read it after "It will be able to".',
    examples: ['change your notes'],
  }),
  includes: z
    .array(z.string())
    .min(1)
    .optional()
    .meta({
      description:
        'Other scopes of this server that it is enough for too. Whoever was granted it has them from the next start on.',
      examples: [['read']],
    }),
});

/** Not behind the gate: tokens are issued for it, and it guards itself. */
const resource = z.strictObject({
  name: serverName.meta({
    description: 'Short name of an MCP server that runs elsewhere, for commands.',
    examples: ['notes'],
  }),
  resource: text(judgeResource).meta({
    description: 'Its exact MCP URL, which its tokens name as their audience.',
    examples: ['https://notes.example.com/mcp'],
  }),
  title: titleLike('Notes'),
  scopes: z
    .record(z.string(), z.union([scopeDescription, broaderScope]).meta({ examples: ['read your notes'] }))
    .meta({
      description:
        'Each scope with what it lets a client do, as people read it after "It will be able to"; or with that and what it includes.',
      examples: [{ read: 'read your notes' }],
    }),
  defaultScopes: z
    .array(z.string())
    .min(1)
    .optional()
    .meta({
      description: 'What a client gets that asks for nothing. Default: the first scope.',
      examples: [['read']],
    }),
  scopeAliases,
});

export const servers = z
  .array(server)
  .min(1)
  .max(100)
  .optional()
  .meta({ description: 'What stands behind the gate.' });

export const resources = z
  .array(resource)
  .max(100)
  .optional()
  .meta({ description: 'MCP servers that run elsewhere and take the tokens that are issued here.' });

function judgeServerName(value: string): Judgement | undefined {
  if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(value) || value.length > bounds.serverNameCharacters) {
    return {
      what: 'must be lower-case letters, digits and single hyphens between them',
      instead: 'Write, for example: name: records',
    };
  }
  if (reservedWords.includes(value)) {
    return {
      what: `is "${value}", a word that Sallyport's own paths use`,
      instead: `Choose another name, for example: name: my-${value}`,
    };
  }
  return undefined;
}

function judgeServerPath(value: string): Judgement | undefined {
  if (value === '/mcp' || /^\/mcp\/[a-z0-9-]+$/.test(value)) return undefined;
  return {
    what: 'must be /mcp or /mcp/<name>',
    instead: 'Write: path: /mcp, or leave it out for /mcp/<name>.',
  };
}

function judgeResource(value: string): Judgement | undefined {
  const url = URL.parse(value);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (url === null || !isSafe || comparableResource(value) === undefined) {
    return {
      what: 'is no https URL without user name and fragment (http is for this machine only)',
      instead: 'Write, for example: resource: https://notes.example.com/mcp',
    };
  }
  if (value === url.href || `${value}/` === url.href) return undefined;
  return {
    what: 'is not written in its one exact form',
    instead: `Write exactly: resource: ${url.href} (tokens name it character by character)`,
  };
}
