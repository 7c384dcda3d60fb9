// When a name looks like another one, to a person who reads it quickly (Unicode TS #39 §4: two strings are confusable
// when their skeletons are equal). The table has what looks like the Latin letters and digits that names of programs are
// made of, and no more.

const lookalikes: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['a', '4@αаɑ∂ａ'],
    ['b', '8вьъƅ'],
    ['c', 'сϲçⅽ¢'],
    ['d', 'ԁɗⅾժ'],
    ['e', '3еєεҽ€'],
    ['g', '9ɡԍց'],
    ['h', 'һհн'],
    ['k', 'кκ'],
    // Capital I and small l are one stroke in many fonts, and so is 1.
    ['l', '1i|!ıіιӏјjɩǀⅼⅰ'],
    ['m', 'мⅿ'],
    ['n', 'ոпη'],
    ['o', '0оοσօ'],
    ['p', 'рρ'],
    ['q', 'ԛգ'],
    ['r', 'гꭇ'],
    ['s', '5$ѕʂ'],
    ['t', '7тτ+'],
    ['u', 'υսцμ'],
    ['v', 'ѵνⅴ'],
    ['w', 'ԝωшա'],
    ['x', 'хχⅹ×'],
    ['y', 'уүγ'],
    ['z', '2ᴢζ'],
  ].flatMap(([letter = '', others = '']) => Array.from(others, (other) => [other, letter])),
);

/** Equal for names that look alike; without spaces, marks and everything that is no letter or digit. */
export function skeletonOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/./gsu, (character) => lookalikes[character] ?? character)
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');
}

/** Shorter names are words that many names begin with or differ little from: Zed, Grok, Goose. */
const LONG = 6;

/** How well a known name is what another looks like: the length of what is alike, or 0. */
export type Resemblance = (known: string) => number;

/** The name may be any stranger's, and long: it is taken apart once, for however many it is compared with. */
export function resemblanceOf(name: string): Resemblance {
  const whole = skeletonOf(name);
  const words = name.split(/[^\p{L}\p{M}\p{N}@$|!]+/u).map(skeletonOf);
  const first = words.find((word) => word !== '') ?? '';
  return (known) => {
    const wanted = skeletonOf(known);
    if (wanted === '') return 0;
    if (whole === wanted) return wanted.length + 1;
    if (first === wanted || beginsWith(words, wanted)) return wanted.length;
    if (wanted.length < LONG) return 0;
    const isInside = words.includes(wanted) || whole.startsWith(wanted);
    return isInside || differByOne(first, wanted) || differByOne(whole, wanted) ? wanted.length : 0;
  };
}

/** Whether some words at the beginning, as one, are what is wanted. */
function beginsWith(words: readonly string[], wanted: string): boolean {
  let joined = '';
  for (const word of words) {
    joined += word;
    // Two characters that look like one are the most that a skeleton gets shorter by.
    if (joined.length > 2 * wanted.length) return false;
    if (skeletonOf(joined) === wanted) return true;
  }
  return false;
}

/** One character more, less, other, or two that changed places. */
function differByOne(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  const rest = (text: string, skip: number) => text.slice(at + skip);
  if (short.length < long.length) return rest(short, 0) === rest(long, 1);
  const isSwapped =
    short[at] === long[at + 1] && short[at + 1] === long[at] && rest(short, 2) === rest(long, 2);
  return isSwapped || rest(short, 1) === rest(long, 1);
}
