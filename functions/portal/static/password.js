// Shows and checks the password rule during typing. The service decides; only it also refuses guessable passwords.

import { h } from "./dom.js";

const length = (/** @type {string} */ text) => [...text].length;
/**
 * The parts of the rule (rules, section 1): the text shown, and the test of an NFC text. `domain` has the same rule;
 * tests check both with `tests/cases/password-classes.json`.
 * @type {Record<string, [label: string, met: (text: string) => boolean]>}
 */
const RULE = {
  length: ["8 caractères au moins, 128 au plus", (text) => length(text) >= 8 && length(text) <= 128],
  capital: ["une majuscule", (text) => /\p{Uppercase}/u.test(text)],
  lowerCase: ["une minuscule", (text) => /\p{Lowercase}/u.test(text)],
  digit: ["un chiffre", (text) => /\p{Nd}/u.test(text)],
  special: ["un caractère spécial : ! ? - * … ou un espace", (text) => /[^\p{Alphabetic}\p{N}]/u.test(text)],
};

/**
 * Returns the names of the parts that a text does not meet, in the order of display.
 * @param {string} typed
 */
export function missing(typed) {
  const text = typed.normalize("NFC");
  return Object.keys(RULE).filter((part) => !RULE[part][1](text));
}

/**
 * Shows the rule in `place` and marks the parts that the value of `input` meets. Returns the function that updates the
 * marks, for values that are not typed.
 * @param {HTMLElement} place
 * @param {Part} input
 */
export function showRule(place, input) {
  const states = Object.values(RULE).map(() => h("span", { class: "unseen" }, "À respecter : "));
  const items = Object.values(RULE).map(([label], at) => h("li", {}, states[at], label));
  place.append(
    h("p", { class: "hint" }, "Votre mot de passe comporte :"),
    h("ul", { class: "rule", id: "rule" }, ...items),
  );
  input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), "rule"].filter(Boolean).join(" "));
  const check = () => {
    const empty = input.value === "";
    const unmet = missing(input.value);
    Object.keys(RULE).forEach((part, at) => {
      const met = !unmet.includes(part);
      items[at].className = empty ? "" : met ? "met" : "unmet";
      states[at].textContent = !empty && met ? "Respecté : " : "À respecter : ";
    });
  };
  input.addEventListener("input", check);
  return check;
}

const KINDS = ["ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "!?*+-=%&@#"];

/** Generates a password of 16 characters with at least one of each kind. */
export function generated() {
  const pick = (/** @type {string} */ letters) => letters[uniform(letters.length)];
  const characters = [...KINDS, ...Array(12).fill(KINDS.join(""))].map(pick);
  for (let at = characters.length - 1; at > 0; at -= 1) {
    const other = uniform(at + 1);
    [characters[at], characters[other]] = [characters[other], characters[at]];
  }
  return characters.join("");
}

/**
 * Returns a uniformly distributed random number below `bound`.
 * @param {number} bound
 */
function uniform(bound) {
  // Values beyond the largest multiple of `bound` are drawn again; they would favour small results.
  const limit = Math.floor(2 ** 32 / bound) * bound;
  for (const drawn = new Uint32Array(1); ; ) {
    crypto.getRandomValues(drawn);
    if (drawn[0] < limit) return drawn[0] % bound;
  }
}
