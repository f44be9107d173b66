// "Déblocage": overdue registrations per library, dates of warnings, and those that the county may activate now.

import { pages } from "./api.js";
import { together } from "./batch.js";
import { $, $$, announce, counted, day, h, mailto } from "./dom.js";
import { pressing } from "./form.js";
import { laidOver } from "./list-view.js";
import { label, libraries } from "./picker.js";
import { attempt, begin } from "./shell.js";
import { fullName } from "./status.js";

/** @type {Map<string, Library>} */
let known = new Map();
/** @type {Registration[]} */
let shown = [];

/** @param {Registration[]} [changed] the answers of changes just made */
async function load(changed = []) {
  shown = [];
  for await (const items of pages("/registrations?overdue=true")) shown.push(...laidOver(items, changed, "pending"));
  render();
}

function render() {
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
    rows.replaceChildren(...ordered.map(([id, registrations]) => group(id, registrations)));
  }
  selected();
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

const ready = (/** @type {Registration} */ { actions }) => actions.activation.allowed;

/**
 * Returns the county's next step as text.
 * @param {Registration} registration
 */
function step({ actions: { activation } }) {
  if (activation.allowed) return "peut valider";
  return activation.reason === "past-expiry" ? "à renouveler" : "attend l’avertissement";
}

/**
 * @param {string} id
 * @param {Registration[]} registrations
 */
function group(id, registrations) {
  const library = known.get(id);
  const reach = library?.email ? h("a", { href: mailto(library.email) }, library.email) : "bibliothèque sans adresse";
  const row = (/** @type {Registration} */ registration) => {
    const box = h("input", {
      type: "checkbox",
      value: registration.id,
      disabled: !ready(registration),
      "aria-label": `Cocher ${fullName(registration)}`,
      onchange: selected,
    });
    /** @type {(title: string, ...content: Child[]) => HTMLElement} */
    const cell = (title, ...content) => h("td", { "data-name": title }, ...content);
    return h(
      "tr",
      { class: "pending" },
      h("td", { class: "tick" }, box),
      cell("Usager", h("a", { href: `/portail/abonne?id=${registration.id}` }, fullName(registration))),
      cell("Inscription", day(registration.registeredOn)),
      cell(
        "Bibliothèque avertie",
        registration.warnedOn ? day(registration.warnedOn) : library?.email ? "pas encore" : "sans adresse",
      ),
      cell("MDO", step(registration)),
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

function selected() {
  const ticked = new Set($$("tbody input:checked").map(({ value }) => value));
  const chosen = shown.filter(({ id }) => ticked.has(id));
  const able = shown.filter(ready);
  const bar = $("#selection");
  bar.hidden = able.length === 0;
  const validate = (/** @type {Registration[]} */ registrations, /** @type {string} */ text) =>
    pressing(h("button", { type: "button" }, text), async () => {
      const changed = await together({
        title: text,
        registrations,
        path: ({ id }) => `/registrations/${id}/activation`,
        done: "validé",
      });
      await attempt(() => load(changed));
    });
  bar.replaceChildren(
    h("p", {}, `${counted(able.length, "inscription")} que la MDO peut valider maintenant.`),
    chosen.length > 0
      ? validate(chosen, `Valider ${counted(chosen.length, "usager coché", "usagers cochés")}`)
      : validate(able, "Tout valider"),
  );
}

begin(async () => {
  known = new Map((await libraries()).map((library) => [library.id, library]));
  await load();
});
