// Searches by the start of any word, like the service: case, accents, hyphens and apostrophes are ignored, and "St"
// means "Saint" (rules, section 1).

/** @type {Record<string, string>} */
const LETTERS = { œ: "oe", æ: "ae", ß: "ss", ø: "o", ł: "l", đ: "d", ð: "d", ı: "i" };

/**
 * Returns the letters and digits of a text, without accents and in lower case. `domain` folds names in the same way;
 * tests check both with `tests/cases/folding.json`. Letters are converted one by one, since a final Greek sigma would
 * otherwise become another letter.
 * @param {string} text
 */
export function fold(text) {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/\p{Uppercase}/gu, (letter) => letter.toLowerCase());
  return plain.replace(/[œæßøłđðı]/g, (letter) => LETTERS[letter]).replace(/[^\p{Alphabetic}\p{N}]/gu, "");
}

/** A map, because an object would contain words such as `constructor`. */
const SAINTS = new Map([
  ["st", "saint"],
  ["ste", "sainte"],
]);
const saint = (/** @type {string} */ word) => SAINTS.get(fold(word)) ?? word;

/**
 * Returns, for each word of a text, the folded text from its start on.
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
 * Returns a search function for items, whose searchable text `text` returns.
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
