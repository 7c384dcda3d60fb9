// What `--introspects` names: a server of the configuration by its name or its URL, as the exact resource that tokens name.

import { findResource } from '@sallyport/protocol';
import type { Config } from '../config/index.ts';
import { exitCodes, Failure } from './failure.ts';
import { printable } from './table.ts';

/** @throws Failure for one that no token is issued for */
export function resourcesNamed(names: readonly string[], config: Config): readonly string[] {
  const here = config.servers.map(({ name, path }) => ({ name, resource: `${config.publicUrl}${path}` }));
  const known = [...here, ...config.resources];
  const meant = names.map((text) => {
    const found = known.find(({ name }) => name === text) ?? findResource(text, known);
    if (found !== undefined) return found.resource;
    throw new Failure(`--introspects ${printable(text)} is no server of this configuration.`, {
      next: [`Use one of: ${known.map(({ name, resource }) => `${name} (${resource})`).join(', ')}`],
      exitCode: exitCodes.usage,
    });
  });
  return [...new Set(meant)];
}
