// Resolves conflicts with a record that another user has saved meanwhile: shows both versions field by field and keeps
// all typed data.

import { ask } from "./dialog.js";
import { $, day, h } from "./dom.js";

/**
 * The names of a patron's fields.
 * @type {Record<string, string>}
 */
const NAMES = {
  lastName: "Nom",
  firstName: "Prénom",
  birthDate: "Date de naissance",
  email: "Adresse e-mail",
  phone: "Téléphone",
  address: "Adresse",
  postalCode: "Code postal",
  town: "Commune",
  cardNumber: "Numéro de carte",
  resources: "Ressources",
  libraryId: "Bibliothèque",
};

/** @param {string} name */
export const fieldName = (name) => NAMES[name] ?? name;

/** @type {(one: unknown, other: unknown) => boolean} */
const same = (one, other) => JSON.stringify(one ?? "") === JSON.stringify(other ?? "");

/**
 * Returns the fields of `names` that differ, as `[name, value]` with the value in `to`, or `null` if it is absent
 * there.
 * @param {Record<string, any>} from
 * @param {Record<string, any>} to
 * @param {string[]} names
 * @returns {Change[]}
 */
export const changes = (from, to, names) =>
  names.filter((name) => !same(from[name], to[name])).map((name) => [name, to[name] ?? null]);

/**
 * Returns the ticked ids in the record's order, so that unticking and ticking one again is no change.
 * @param {string[]} ids
 * @param {string[]} before
 */
export function inOrder(ids, before) {
  const kept = before.filter((id) => ids.includes(id));
  return [...kept, ...ids.filter((id) => !kept.includes(id))];
}

/**
 * Asks which values to keep. `mine` are the user's changes to `before`; `now` is the saved record. Resolves to the
 * changes to save on top of `now`, or to `null` if the user continues editing. `show` returns the text of a field's
 * value. `names` are the names of the record's fields.
 * @param {{
 *   before: Record<string, any>,
 *   now: Record<string, any>,
 *   mine: Change[],
 *   show: (name: string, value: any) => string,
 *   names?: Record<string, string>,
 * }} sides
 * @returns {Promise<Change[] | null>}
 */
export async function reconcile({ before, now, mine, show, names = NAMES }) {
  const conflicting = mine.filter(([name, value]) => !same(before[name], now[name]) && !same(value, now[name]));
  const changedElsewhere = Object.keys(names).filter((name) => !same(before[name], now[name]));
  const value = (/** @type {string} */ name, /** @type {any} */ of) =>
    name === "birthDate" && of ? day(of) : show(name, of);
  const choice = (/** @type {Change} */ [name, typed]) => {
    /** @type {(kept: string, text: string, of: unknown) => HTMLElement} */
    const radio = (kept, text, of) =>
      h(
        "label",
        { class: "box" },
        h("input", { type: "radio", name, value: kept, checked: kept === "mine" }),
        h("span", {}, h("strong", {}, text), " ", value(name, of) || "(vide)"),
      );
    return h(
      "fieldset",
      {},
      h("legend", {}, names[name] ?? name),
      radio("mine", "Votre saisie :", typed),
      radio("saved", "Enregistré entre-temps :", now[name]),
    );
  };
  const other = changedElsewhere.filter((name) => !conflicting.some(([conflict]) => conflict === name));
  const list = other.map((name) => h("li", {}, `${names[name] ?? name} : ${value(name, now[name]) || "(vide)"}`));
  const choices = conflicting.map(choice);
  const answer = await ask({
    title: "Cette fiche a été modifiée entre-temps",
    wide: true,
    content: [
      h(
        "p",
        {},
        "Une autre personne a enregistré des changements pendant votre saisie. Rien n’est perdu : choisissez ce qui est juste.",
      ),
      ...choices,
      list.length > 0 && h("div", {}, h("p", {}, "Aussi changé, et gardé :"), h("ul", {}, ...list)),
    ],
    actions: [
      ["save", "Enregistrer"],
      ["back", "Revenir à ma saisie"],
    ],
  });
  if (answer !== "save") return null;
  const dropped = conflicting
    .filter((_, at) => $("input:checked", choices[at]).value === "saved")
    .map(([name]) => name);
  return mine.filter(([name, typed]) => !dropped.includes(name) && !same(typed, now[name]));
}
