// The common page of libraries, resources and staff: a searchable list, and a dialog to add or change an item.

import { call, get, Problem } from "./api.js";
import { ask, confirmed } from "./dialog.js";
import { showHistory } from "./directory-history.js";
import { $, $$, announce, counted, debounce, h } from "./dom.js";
import { condition, save } from "./entry.js";
import { field, pressing, show, typed } from "./form.js";
import { finder } from "./search.js";
import { attempt } from "./shell.js";

/**
 * Returns a labelled input of a dialog.
 * @param {string} name
 * @param {string} text
 * @param {string | undefined} value
 * @param {{ type?: string, hint?: string, readonly?: boolean }} [options]
 */
export const input = (name, text, value, { type = "text", hint, readonly = false } = {}) =>
  field(text, { id: `d-${name}`, name, type, value: value ?? "", readonly }, hint);

/**
 * Returns a labelled checkbox.
 * @param {string} name
 * @param {string} text
 * @param {boolean} checked
 */
export const tick = (name, text, checked) =>
  h("label", { class: "box" }, h("input", { type: "checkbox", name, checked }), h("span", {}, text));

/** @type {[title: string, text: string, yes: string]} */
const UNSAVED = [
  "Continuer sans enregistrer ?",
  "Ce que vous avez changé dans cette fenêtre n’est pas enregistré, et sera perdu.",
  "Continuer sans enregistrer",
];

/**
 * A column: its title, and the function that returns an item's cell.
 * @template Item
 * @typedef {[title: string, content: (item: Item) => Child]} Column
 */

/**
 * Shows the items of `path` as a table. `key` is the field that identifies an item, `text` returns an item's searchable text, `one` and `many` are the names of the
 * items in singular and plural, and `edit(item)` returns the dialog of an item, or of a new one for `null`.
 * @template {Versioned} Item
 * @param {{
 *   path: string,
 *   key: keyof Item,
 *   columns: Column<Item>[],
 *   text: (item: Item) => string,
 *   one: string,
 *   many: string,
 *   edit: (item: Item | null) => Edited<Item>,
 * }} directory
 */
export async function directory({ path, key, columns, text, one, many, edit }) {
  /** @type {Item[]} */
  let items = [];
  let find = finder(items, text);
  const render = () => {
    const found = find($("#search").value);
    const none =
      items.length > 0 ? "Rien ne correspond à cette recherche." : "Aucun élément : commencez par en ajouter.";
    $("#rows").removeAttribute("aria-busy");
    $("#rows").replaceChildren(
      h("p", { class: "quiet-text" }, counted(found.length, one, many)),
      found.length > 0 ? table(found, key, columns, open) : h("div", { class: "empty" }, h("p", {}, none)),
    );
  };
  const load = async () => {
    items = (await get(path)).body.items;
    find = finder(items, text);
    render();
  };
  const latest = async (/** @type {Item | null} */ item) => {
    await load();
    return items.find((other) => other[key] === item?.[key]);
  };
  const open = async (/** @type {Item | null} */ item) => {
    const edited = edit(item);
    const answer = await askFor(edited, latest);
    const other = edited.others?.find(({ text }) => text === answer);
    if (answer !== "save" && !other) return;
    await attempt(load);
    // The list was drawn again: focus returns to the item's button there.
    if (item)
      $$("#rows button")
        .find(({ value }) => value === item[key])
        ?.focus();
    announce(other?.done ?? "Enregistré.");
    // The list shows what was saved, but not what else was done.
    if (other) $("#trouble").append(h("div", { class: "notice good" }, h("p", {}, other.done)));
  };

  for (const control of [$("#search"), $("#add"), $("#history")]) control.disabled = false;
  pressing($("#history"), showHistory);
  $("#add").addEventListener("click", () => open(null));
  $("#search").addEventListener("input", debounce(150, render));
  $("form.filters").addEventListener("submit", (event) => event.preventDefault());
  // A retry begins here, so that nothing above is wired twice.
  await attempt(load);
}

/**
 * Returns the table of `items`. The first column opens an item.
 * @template Item
 * @param {Item[]} items
 * @param {keyof Item} key
 * @param {Column<Item>[]} columns
 * @param {(item: Item) => unknown} open
 */
function table(items, key, columns, open) {
  const [[title, name], ...others] = columns;
  const row = (/** @type {Item} */ item) => {
    const change = h(
      "button",
      { type: "button", class: "link", value: String(item[key]), onclick: () => open(item) },
      name(item),
    );
    const cells = others.map(([title, content]) => h("td", { "data-name": title }, content(item)));
    return h("tr", {}, h("td", { "data-name": title }, change), ...cells);
  };
  const head = columns.map(([title]) => h("th", { scope: "col" }, title));
  return h("table", { class: "list" }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...items.map(row)));
}

/**
 * Opens the dialog of an item and keeps it open until the service accepts the change. Resolves to the value of the
 * pressed button. `latest` fetches the items again and returns the one that is saved now.
 * @template {Versioned} Item
 * @param {Edited<Item>} edited
 * @param {(item: Item | null) => Promise<Item | undefined>} latest
 */
function askFor(edited, latest) {
  const { item, title, content, request, asks, others = [] } = edited;
  const holder = h("div", {}, ...content);
  /** @type {[string, string, string?][]} */
  const actions = [
    ["save", "Enregistrer"],
    ["cancel", "Annuler"],
    ...others.map(({ text, kind }) => /** @type {[string, string, string?]} */ ([text, text, kind])),
  ];
  const form = () => /** @type {HTMLFormElement} */ (holder.closest("form"));
  const filledIn = () => request(typed(form()), form());
  const asked = ask({
    title,
    content: [holder],
    actions,
    before: async (value) => {
      if (value === "cancel") return true;
      try {
        const other = others.find(({ text }) => text === value);
        const saving = filledIn();
        const unsaved = JSON.stringify(saving.body) !== opened;
        if (other && unsaved && !(await confirmed(...UNSAVED, "danger"))) return false;
        const question = other ? other.question : asks?.(saving.body);
        if (question && !(await confirmed(...question, "danger"))) return false;
        if (!other) return await save(edited, saving, latest);
        await call(other.method, other.path, { headers: other.method === "DELETE" ? condition(item) : {} });
        return true;
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        show(form(), problem);
        // The list behind the dialog shows the entry as it is now.
        if (problem.status === 412) await attempt(() => latest(item));
        return false;
      }
    },
  });
  const opened = JSON.stringify(filledIn().body);
  return asked;
}
