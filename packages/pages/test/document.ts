// Reads a page back as strictly as the pages are written: what is not exactly a tag or escaped text throws.

export interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  /** The text up to the next tag. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" };
const TAG = /<(\/?)(!?[a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*\/?>([^<>]*)/gy;
const ATTRIBUTE = /\s+([a-z-]+)(?:="([^"]*)")?/gy;

/** @throws Error where a character stands that could only have come through unescaped */
export function readTags(source: string): Tag[] {
  const tags: Tag[] = [];
  let end = 0;
  for (const [whole, slash, name = '', attributes = '', text = ''] of source.matchAll(TAG)) {
    end += whole.length;
    const pairs = [...attributes.matchAll(ATTRIBUTE)].map(([, key = '', value = '']) => [key, decode(value)]);
    if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error(`twice: ${attributes}`);
    tags.push({ name, closing: slash === '/', attributes: Object.fromEntries(pairs), text: decode(text) });
  }
  if (end !== source.length) throw new Error(`not a tag: ${source.slice(end, end + 80)}`);
  return tags;
}

/** The page's words, with white space as a browser would show it. */
export function textOf(tags: readonly Tag[]): string {
  return spaced(tags.map(({ text }) => text).join(''));
}

export function spaced(text: string): string {
  return text.replace(/[\t\n\f\r ]+/g, ' ').trim();
}

export function opened(tags: readonly Tag[], name: string): Tag[] {
  return tags.filter((tag) => tag.name === name && !tag.closing);
}

/** Everything of a page that data must not be able to change: its tags, their attributes, and nothing of the values. */
export function skeletonOf(tags: readonly Tag[]): string[] {
  return tags.map(
    ({ name, closing, attributes }) => `${closing ? '/' : ''}${name} ${Object.keys(attributes).join(' ')}`,
  );
}

function decode(text: string): string {
  return text.replace(/&([^;&]*;)?/g, (entity, name: string | undefined) => {
    const character = ENTITIES[(name ?? '').slice(0, -1)];
    if (character === undefined) throw new Error(`a bare ampersand: ${entity}`);
    return character;
  });
}
