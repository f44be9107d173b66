// Finding by a few letters, as the service does: by the start of any word; case, accents, hyphens and apostrophes don't
// count, and "St" is "Saint" (rules, section 1).

const LETTERS = { œ: "oe", æ: "ae", ß: "ss", ø: "o", ł: "l", đ: "d", ð: "d", ı: "i" };

/**
 * Letters and digits, unaccented and lower-case. `domain` folds names alike; `tests/cases/folding.json` is tried on both.
 * Letter by letter: a Greek sigma at a word's end is no other letter.
 */
export function fold(text) {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/\p{Uppercase}/gu, (letter) => letter.toLowerCase());
  return plain.replace(/[œæßøłđðı]/g, (letter) => LETTERS[letter]).replace(/[^\p{Alphabetic}\p{N}]/gu, "");
}

const saint = (word) => ({ st: "saint", ste: "sainte" })[fold(word)] ?? word;

/** The places in a text at which a word begins, folded from there on. */
function starts(text) {
  const spelled = text
    .split(/[\s-]+/)
    .map(saint)
    .join(" ");
  return [...spelled.matchAll(/(?<![\p{L}\p{N}])[\p{L}\p{N}]/gu)].map(({ index }) => fold(spelled.slice(index)));
}

/** A search among items of which `text` tells what can be found: `find(typed)` answers those that match. */
export function finder(items, text) {
  const known = items.map((item) => ({ item, starts: starts(text(item)) }));
  return (typed) => {
    const words = typed
      .split(/[\s-]+/)
      .map(saint)
      .map(fold)
      .filter(Boolean);
    const matches = ({ starts }) => words.every((word) => starts.some((start) => start.startsWith(word)));
    return known.filter(matches).map(({ item }) => item);
  };
}
