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

/** How well a name looks like a known one: the length of what is alike, or 0. */
export function resemblance(name: string, known: string): number {
  const wanted = skeletonOf(known);
  const whole = skeletonOf(name);
  if (wanted === '') return 0;
  if (whole === wanted) return wanted.length + 1;
  const words = name.split(/[^\p{L}\p{M}\p{N}@$|!]+/u).map(skeletonOf);
  const first = words.find((word) => word !== '') ?? '';
  const begins =
    first === wanted || words.some((_, at) => skeletonOf(words.slice(0, at).join('')) === wanted);
  if (begins) return wanted.length;
  if (wanted.length < LONG) return 0;
  const isInside = words.includes(wanted) || whole.startsWith(wanted);
  return isInside || differByOne(first, wanted) || differByOne(whole, wanted) ? wanted.length : 0;
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
