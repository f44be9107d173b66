// The decisions of a page while a person types, tested without a browser. The cases are those that test `domain`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { mailto } from "../../functions/portal/static/dom.js";
import { missing } from "../../functions/portal/static/password.js";
import { finder, fold } from "../../functions/portal/static/search.js";

const cases = (/** @type {string} */ name) =>
  JSON.parse(readFileSync(new URL(`../cases/${name}.json`, import.meta.url), "utf8"));

/**
 * The page's code for each fault that `domain` finds; the page shows both limits of the length in one line.
 * @type {Record<string, string>}
 */
const PARTS = {
  "too-short": "length",
  "too-long": "length",
  "no-capital": "capital",
  "no-lower-case": "lowerCase",
  "no-digit": "digit",
  "no-special": "special",
};

test("section 1: length and classes of a password are judged as the service judges them", () => {
  /** @type {[typed: string, codes: string[]][]} */
  const passwords = cases("password-classes");
  for (const [typed, codes] of passwords) {
    assert.deepEqual(
      missing(typed),
      codes.map((code) => PARTS[code]),
      JSON.stringify(typed),
    );
  }
});

test("section 1: what is typed is folded as the service folds it", () => {
  for (const [written, folded] of cases("folding")) assert.equal(fold(written), folded, JSON.stringify(written));
});

test("section 1: a library is found whether St, Ste or Saint is written", () => {
  const towns = ["Saint-Léger-en-Bray", "Sainte-Geneviève", "Crèvecœur-le-Grand", "D’Hérouville"];
  const find = finder(towns, (town) => town);
  for (const typed of ["St Leger", "saint-léger", "SAINT LEGER EN", "bray st"])
    assert.deepEqual(find(typed), [towns[0]], typed);
  assert.deepEqual(find("ste gen"), [towns[1]]);
  assert.deepEqual(find("creveco"), [towns[2]]);
  for (const typed of ["hérou", "dhérou", "d'hérou"]) assert.deepEqual(find(typed), [towns[3]], typed);
  assert.deepEqual(find("Ste Leger"), []);
  assert.deepEqual(find(" "), towns);
});

test("s21: a link to an address has no other recipient, whatever the address is", () => {
  assert.equal(mailto("camille.exemple+biblio@orange.fr"), "mailto:camille.exemple%2Bbiblio@orange.fr");
  assert.equal(mailto("a?bcc=x@y.fr"), "mailto:a%3Fbcc%3Dx@y.fr");
  assert.equal(mailto("a&cc=x@y.fr"), "mailto:a%26cc%3Dx@y.fr");
});
