// What the records tools take and answer. Members have the names and shapes that clients of earlier records servers
// know; what this server does not keep is left out rather than null.

import { z } from 'zod';
import { defaultPageSize, maxContentCharacters, maxIdCharacters } from './limits.ts';
import { maxNameCharacters, maxPage, maxPageSize } from './limits.ts';

const time = z.iso.datetime();

const profile = z.strictObject({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  created: time,
  updated: time,
});

const item = z.strictObject({
  id: z.string(),
  name: z.string(),
  content: z.string(),
  user: z.string().describe('Id of the owner'),
  created: time,
  updated: time,
});

const page = z.strictObject({
  items: z.array(item),
  page: z.int().min(1),
  perPage: z.int().min(1).max(maxPageSize),
  count: z.int().min(0).describe('How many items this page has'),
});

export type Profile = z.output<typeof profile>;
export type ItemRecord = z.output<typeof item>;
export type ItemPage = z.output<typeof page>;

export const getUserProfile = { input: z.object({}), output: profile };

export const getUserItems = {
  input: z.object({
    page: z.int().min(1).max(maxPage).default(1).describe('Which page, from 1'),
    limit: z.int().min(1).max(maxPageSize).default(defaultPageSize).describe('Items on a page'),
  }),
  output: page,
};

export const getUserItem = {
  input: z.object({ id: z.string().min(1).max(maxIdCharacters).describe('Id of the item') }),
  output: item,
};

export const createUserItem = {
  input: z.object({
    name: z.string().trim().min(1).max(maxNameCharacters).describe('One line that names the item'),
    content: z.string().max(maxContentCharacters).default('').describe('The text of the item'),
  }),
  output: item,
};
