// Finding by a few letters, as the service does: by the start of any word; case, accents, hyphens and apostrophes don't
// count, and "St" is "Saint" (rules, section 1).

/** @type {Record<string, string>} */
const LETTERS = { œ: "oe", æ: "ae", ß: "ss", ø: "o", ł: "l", đ: "d", ð: "d", ı: "i" };

/**
 * Letters and digits, unaccented and lower-case. `domain` folds names alike; `tests/cases/folding.json` is tried on
 * both. Letter by letter: a Greek sigma at a word's end is no other letter.
 * @param {string} text
 */
export function fold(text) {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/\p{Uppercase}/gu, (letter) => letter.toLowerCase());
  return plain.replace(/[œæßøłđðı]/g, (letter) => LETTERS[letter]).replace(/[^\p{Alphabetic}\p{N}]/gu, "");
}

/** A map and not an object, where the word `constructor` would be found. */
const SAINTS = new Map([
  ["st", "saint"],
  ["ste", "sainte"],
]);
const saint = (/** @type {string} */ word) => SAINTS.get(fold(word)) ?? word;

/**
 * The places in a text at which a word begins, folded from there on.
 * @param {string} text
 */
function starts(text) {
  const spelled = text
    .split(/[\s-]+/)
    .map(saint)
    .join(" ");
  return [...spelled.matchAll(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)].map(({ index }) => fold(spelled.slice(index)));
}

/**
 * A search among items of which `text` tells what can be found: `find(typed)` answers those that match.
 * @template Item
 * @param {Item[]} items
 * @param {(item: Item) => string} text
 * @returns {(typed: string) => Item[]}
 */
export function finder(items, text) {
  const known = items.map((item) => ({ item, starts: starts(text(item)) }));
  return (typed) => {
    const words = typed
      .split(/[\s-]+/)
      .map(saint)
      .map(fold)
      .filter(Boolean);
    const matches = (/** @type {{ starts: string[] }} */ { starts }) =>
      words.every((word) => starts.some((start) => start.startsWith(word)));
    return known.filter(matches).map(({ item }) => item);
  };
}
