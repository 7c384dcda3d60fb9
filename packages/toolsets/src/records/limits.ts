// The numbers of the records toolset, each with its reason.

/** A page when none is asked for, and the most: 100 of the largest items are 10 MB of text, which one answer can carry. */
export const defaultPageSize = 50;
export const maxPageSize = 100;

/** Keeps the offset a safe integer with every page size; nobody turns this many pages. */
export const maxPage = 1_000_000_000;

/** A name is one line of a list. */
export const maxNameCharacters = 200;

/** About fifty printed pages. */
export const maxContentCharacters = 100_000;

/** Ids are ours and 36 characters long; more than this is none of them. */
export const maxIdCharacters = 64;

/** More tags than this say nothing about a thing any more; 100 items with all of them are 1.5 MB of one answer. */
export const maxTags = 50;
