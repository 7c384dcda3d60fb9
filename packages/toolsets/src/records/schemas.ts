// What the operations on records take and answer. Members have the names and shapes that clients of earlier records
// servers know; what this server does not keep is left out rather than null.

import { z } from 'zod';
import { defaultPageSize, maxContentCharacters, maxIdCharacters } from './limits.ts';
import { maxNameCharacters, maxPage, maxPageSize, maxTags } from './limits.ts';

const time = z.iso.datetime();

export const profile = z.strictObject({
  id: z.string(),
  email: z.string().optional().describe('Absent when no address of the person is known to be theirs'),
  name: z.string(),
  created: time,
  updated: time,
});

const own = { id: z.string(), name: z.string() };
const since = { user: z.string().describe('Id of the owner'), created: time, updated: time };

const tag = z.strictObject({ ...own, ...since });
const item = z.strictObject({ ...own, content: z.string(), tags: z.array(tag), ...since });
const client = z.strictObject({ ...own, accessTags: z.array(tag), ...since });

function pageOf(plural: 'items' | 'clients' | 'tags', record: z.ZodObject) {
  return z.strictObject({
    [plural]: z.array(record),
    page: z.int().min(1),
    perPage: z.int().min(1).max(maxPageSize),
    count: z.int().min(0).describe(`How many ${plural} this page has`),
  });
}

export const nothing = z.object({});

export const askedPage = z.object({
  page: z.int().min(1).max(maxPage).default(1).describe('Which page, from 1'),
  limit: z.int().min(1).max(maxPageSize).default(defaultPageSize).describe('How many on a page'),
});

const id = z.string().min(1).max(maxIdCharacters);
export const askedOne = z.object({ id: id.describe('Its id') });
export const deleted = z.strictObject({ id: z.string(), deleted: z.literal(true) });

/** Without one it is answered in the words that are known; anything else that is wrong is told with its place. */
function nameOf(noun: 'Item' | 'Client' | 'Tag') {
  const required = `${noun} name is required`;
  return z
    .string({ error: ({ input }) => (input === undefined ? required : undefined) })
    .trim()
    .min(1, required)
    .max(maxNameCharacters)
    .describe(`One line that names the ${noun.toLowerCase()}`);
}

const content = z.string().max(maxContentCharacters).describe('The text of the item');
const tagIds = z.array(id).max(maxTags);
const tags = tagIds.describe('Ids of your tags, all that it shall have');
// Its name in the API that these records had before; answers have it too.
const accessTags = tagIds.describe('The same as tags, by its earlier name');

export const items = {
  record: item,
  page: pageOf('items', item),
  create: z.object({ name: nameOf('Item'), content: content.default(''), tags: tags.default([]) }),
  update: changing({ name: nameOf('Item').optional(), content: content.optional(), tags: tags.optional() }),
};

const clientTags = { tags: tags.optional(), accessTags: accessTags.optional() };

export const clients = {
  record: client,
  page: pageOf('clients', client),
  create: withOneNameForTags(z.object({ name: nameOf('Client'), ...clientTags })),
  update: withOneNameForTags(changing({ name: nameOf('Client').optional(), ...clientTags })),
};

export const tagsOfPerson = {
  record: tag,
  page: pageOf('tags', tag),
  create: z.object({ name: nameOf('Tag') }),
  update: askedOne.extend({ name: nameOf('Tag') }),
};

/** A change that names nothing is somebody's slip of the pen, not a change. */
function changing<Shape extends z.ZodRawShape>(shape: Shape) {
  const members = Object.keys(shape);
  return z
    .object({ id: askedOne.shape.id, ...shape })
    .refine(
      (asked) => members.some((member) => (asked as Readonly<Record<string, unknown>>)[member] !== undefined),
      `Nothing to change: give one of ${members.join(', ')}`,
    );
}

function withOneNameForTags<Asked extends z.ZodObject<typeof clientTags>>(schema: Asked): Asked {
  return schema.refine(
    (asked) => asked['tags'] === undefined || asked['accessTags'] === undefined,
    'tags and accessTags are two names of one thing: give one of them',
  );
}
