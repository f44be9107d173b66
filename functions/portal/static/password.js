// The password rule, shown and checked while one types. The service decides, and knows more: what is easily guessed.

import { h } from "./dom.js";

const length = (/** @type {string} */ text) => [...text].length;
/**
 * The rule's parts (rules, section 1), on the text as it will be compared: composed.
 * @type {[label: string, met: (text: string) => boolean][]}
 */
const RULE = [
  ["8 caractères au moins, 128 au plus", (text) => length(text) >= 8 && length(text) <= 128],
  ["une majuscule", (text) => /\p{Lu}/u.test(text)],
  ["une minuscule", (text) => /\p{Ll}/u.test(text)],
  ["un chiffre", (text) => /\p{Nd}/u.test(text)],
  ["un caractère spécial : ! ? - * … ou un espace", (text) => /[^\p{L}\p{M}\p{N}]/u.test(text)],
];

/**
 * Shows the rule in `place` and marks, as one types into `input`, what is met.
 * @param {HTMLElement} place
 * @param {Part} input
 */
export function showRule(place, input) {
  const states = RULE.map(() => h("span", { class: "unseen" }, "À respecter : "));
  const items = RULE.map(([label], at) => h("li", {}, states[at], label));
  place.append(
    h("p", { class: "hint" }, "Votre mot de passe comporte :"),
    h("ul", { class: "rule", id: "rule" }, ...items),
  );
  input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), "rule"].filter(Boolean).join(" "));
  const check = () => {
    const text = input.value.normalize("NFC");
    RULE.forEach(([, met], at) => {
      items[at].className = text === "" ? "" : met(text) ? "met" : "unmet";
      states[at].textContent = text !== "" && met(text) ? "Respecté : " : "À respecter : ";
    });
  };
  input.addEventListener("input", check);
  return check;
}

const KINDS = ["ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "!?*+-=%&@#"];

/** A password that nobody has to remember: 16 characters, of every kind. */
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
 * A number below `bound`, every one as likely.
 * @param {number} bound
 */
function uniform(bound) {
  const most = Math.floor(2 ** 32 / bound) * bound;
  for (const drawn = new Uint32Array(1); ; ) {
    crypto.getRandomValues(drawn);
    if (drawn[0] < most) return drawn[0] % bound;
  }
}
