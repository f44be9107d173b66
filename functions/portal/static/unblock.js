// "Déblocage": what libraries have forgotten, who was warned when, and what the county may validate now.

import { pages } from "./api.js";
import { together } from "./batch.js";
import { $, $$, announce, counted, day, daysBetween, h } from "./dom.js";
import { pressing } from "./form.js";
import { label, libraries } from "./picker.js";
import { attempt, begin } from "./shell.js";
import { fullName, unblockable } from "./status.js";

/** @type {Map<string, Library>} */
let known = new Map();
/** @type {Registration[]} */
let shown = [];

async function load() {
  shown = [];
  let date = "";
  for await (const { items, today } of pages("/registrations?overdue=true")) {
    shown.push(...items);
    date = today;
  }
  render(date);
}

/** @param {string} today */
function render(today) {
  /** @type {Map<string, Registration[]>} */
  const groups = new Map();
  for (const one of shown) groups.set(one.libraryId, [...(groups.get(one.libraryId) ?? []), one]);
  const ordered = [...groups].sort(([one], [other]) => name(one).localeCompare(name(other), "fr"));
  const rows = $("#rows");
  rows.removeAttribute("aria-busy");
  if (shown.length === 0) {
    rows.replaceChildren(
      h("div", { class: "empty" }, h("p", {}, "Aucune inscription n’attend depuis plus de 7 jours. Rien à débloquer.")),
    );
  } else {
    rows.replaceChildren(...ordered.map(([id, registrations]) => group(id, registrations, today)));
  }
  selected(today);
  announce(
    counted(
      shown.length,
      "inscription en attente depuis plus de 7 jours",
      "inscriptions en attente depuis plus de 7 jours",
    ),
  );
}

/** @param {string} id */
function name(id) {
  const library = known.get(id);
  return library ? label(library) : id;
}

/**
 * @param {string} id
 * @param {Registration[]} registrations
 * @param {string} today
 */
function group(id, registrations, today) {
  const library = known.get(id);
  const reach = library?.email
    ? h("a", { href: `mailto:${library.email}` }, library.email)
    : "bibliothèque sans adresse";
  const row = (/** @type {Registration} */ registration) => {
    const ready = unblockable(registration, today);
    const box = h("input", {
      type: "checkbox",
      value: registration.id,
      disabled: !ready,
      "aria-label": `Cocher ${fullName(registration)}`,
      onchange: () => selected(today),
    });
    /** @type {(title: string, ...content: Child[]) => HTMLElement} */
    const cell = (title, ...content) => h("td", { "data-name": title }, ...content);
    return h(
      "tr",
      { class: "pending" },
      h("td", { class: "tick" }, box),
      cell("Usager", h("a", { href: `/portail/abonne?id=${registration.id}` }, fullName(registration))),
      cell(
        "Inscription",
        `${day(registration.registeredOn)} (${counted(daysBetween(registration.registeredOn, today), "jour")})`,
      ),
      cell(
        "Bibliothèque avertie",
        registration.warnedOn ? day(registration.warnedOn) : library?.email ? "pas encore" : "sans adresse",
      ),
      cell("MDO", ready ? "peut valider" : "attend l’avertissement"),
    );
  };
  const head = ["Usager", "Inscription", "Bibliothèque avertie", "MDO"].map((title) =>
    h("th", { scope: "col" }, title),
  );
  return h(
    "section",
    {},
    h("h2", {}, name(id)),
    h("p", {}, reach),
    h(
      "table",
      { class: "list" },
      h(
        "thead",
        {},
        h("tr", {}, h("th", { scope: "col", class: "tick" }, h("span", { class: "unseen" }, "Cocher")), ...head),
      ),
      h("tbody", {}, ...registrations.map(row)),
    ),
  );
}

/** @param {string} today */
function selected(today) {
  const ticked = new Set($$("tbody input:checked").map(({ value }) => value));
  const chosen = shown.filter(({ id }) => ticked.has(id));
  const ready = shown.filter((registration) => unblockable(registration, today));
  const bar = $("#selection");
  bar.hidden = ready.length === 0;
  const validate = (/** @type {Registration[]} */ registrations, /** @type {string} */ text) =>
    pressing(h("button", { type: "button" }, text), async () => {
      await together({
        title: text,
        registrations,
        path: ({ id }) => `/registrations/${id}/activation`,
        done: "validé",
      });
      await attempt(load);
    });
  bar.replaceChildren(
    h("p", {}, `${counted(ready.length, "inscription")} que la MDO peut valider maintenant.`),
    chosen.length > 0
      ? validate(chosen, `Valider ${counted(chosen.length, "usager coché", "usagers cochés")}`)
      : validate(ready, "Tout valider"),
  );
}

begin(async () => {
  known = new Map((await libraries()).map((library) => [library.id, library]));
  await load();
});
