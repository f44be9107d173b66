// Somebody else has saved the same record meanwhile: both are shown, field by field, and nothing typed is lost.

import { ask } from "./dialog.js";
import { day, h } from "./dom.js";

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

export const fieldName = (name) => NAMES[name] ?? name;

const same = (one, other) => JSON.stringify(one ?? "") === JSON.stringify(other ?? "");

/** The fields of `names` that differ, each `[name, value]`, an absent one as `null`. */
export const changes = (from, to, names) =>
  names.filter((name) => !same(from[name], to[name])).map((name) => [name, to[name] ?? null]);

/**
 * `mine` are the changes one wanted to save, made on `before`; `now` is what the other has saved. Answers the changes to
 * save on top of it, or `null` to go on typing.
 */
export async function reconcile({ before, now, mine, show }) {
  const clashing = mine.filter(([name, value]) => !same(before[name], now[name]) && !same(value, now[name]));
  const theirs = Object.keys(NAMES).filter((name) => !same(before[name], now[name]));
  const value = (name, of) => (name === "birthDate" && of ? day(of) : show(name, of));
  const choice = ([name, typed]) => {
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
      h("legend", {}, fieldName(name)),
      radio("mine", "Votre saisie :", typed),
      radio("theirs", "Enregistré entre-temps :", now[name]),
    );
  };
  const other = theirs.filter((name) => !clashing.some(([clash]) => clash === name));
  const list = other.map((name) => h("li", {}, `${fieldName(name)} : ${value(name, now[name]) || "(vide)"}`));
  const choices = clashing.map(choice);
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
    ].filter(Boolean),
    actions: [
      ["save", "Enregistrer"],
      ["back", "Revenir à ma saisie"],
    ],
  });
  if (answer !== "save") return null;
  const dropped = clashing
    .filter((_, at) => choices[at].querySelector("input:checked").value === "theirs")
    .map(([name]) => name);
  return mine.filter(([name, typed]) => !dropped.includes(name) && !same(typed, now[name]));
}
