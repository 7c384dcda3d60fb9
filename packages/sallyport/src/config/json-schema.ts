// The configuration's JSON schema, for editors: the schema that is enforced, printed.

import { z } from 'zod';
import { configFile } from './schema.ts';

const shownToPeople = ['description', 'examples'];

/** Draft 7, which the YAML language servers understand. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configFile, {
    target: 'draft-7',
    io: 'input',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema }) => {
      const { type } = zodSchema._zod.def;
      if (type !== 'number' && type !== 'boolean') return;
      // Any value may come from an environment variable.
      const own = Object.fromEntries(
        Object.entries(jsonSchema).filter(([key]) => !shownToPeople.includes(key)),
      );
      for (const key of Object.keys(own)) delete jsonSchema[key];
      jsonSchema.anyOf = [own, { type: 'string', pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$' }];
    },
  });
  return { title: 'Sallyport configuration', ...schema };
}
