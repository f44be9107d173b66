// What the county keeps, three times alike: a list that can be searched, and a window to add or to change.

import { call, get, Problem } from "./api.js";
import { ask } from "./dialog.js";
import { $, announce, counted, h, settled } from "./dom.js";
import { show, typed } from "./form.js";
import { finder } from "./search.js";
import { attempt } from "./shell.js";

/**
 * A labelled input, as the pages' own forms have them.
 * @param {string} name
 * @param {string} text
 * @param {string | undefined} value
 * @param {{ type?: string, hint?: string, readonly?: boolean }} [options]
 */
export function input(name, text, value, { type = "text", hint, readonly = false } = {}) {
  return h(
    "div",
    { class: "field", "data-field": name },
    h("label", { for: `d-${name}` }, text),
    hint && h("p", { class: "hint", id: `d-${name}-hint` }, hint),
    h("input", {
      id: `d-${name}`,
      name,
      type,
      value: value ?? "",
      readonly,
      autocomplete: "off",
      "aria-describedby": hint ? `d-${name}-hint` : null,
    }),
  );
}

/**
 * A labelled box to tick.
 * @param {string} name
 * @param {string} text
 * @param {boolean} checked
 */
export const tick = (name, text, checked) =>
  h("label", { class: "box" }, h("input", { type: "checkbox", name, checked }), h("span", {}, text));

/**
 * A column: its title, and what it holds of an item.
 * @template Item
 * @typedef {[title: string, content: (item: Item) => Child]} Column
 */

/**
 * What the window for an item holds. `request` is the call that saves it.
 * @typedef {{
 *   title: string,
 *   content: Child[],
 *   request: (values: Typed, form: HTMLFormElement) => { path: string, body: object },
 *   remove?: { text: string, path: string } | null,
 * }} Edited
 */

/**
 * Shows the items of `path` as a table: `columns` are `[title, item => content]`, `text` what can be searched, `one`
 * and `many` what they are called. `edit(item)` is what the window holds: `{ title, content, request, remove? }`.
 * @template Item
 * @param {{
 *   path: string,
 *   columns: Column<Item>[],
 *   text: (item: Item) => string,
 *   one: string,
 *   many: string,
 *   edit: (item: Item | null) => Edited,
 * }} directory
 */
export async function directory({ path, columns, text, one, many, edit }) {
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
      found.length > 0 ? table(found, columns, open) : h("div", { class: "empty" }, h("p", {}, none)),
    );
  };
  const load = async () => {
    items = (await get(path)).body.items;
    find = finder(items, text);
    render();
  };
  const open = async (/** @type {Item | null} */ item) => {
    const answer = await askFor(edit(item));
    if (answer !== "save" && answer !== "remove") return;
    await attempt(load);
    announce(answer === "save" ? "Enregistré." : "Retiré.");
  };

  for (const control of [$("#search"), $("#add")]) control.disabled = false;
  $("#add").addEventListener("click", () => open(null));
  $("#search").addEventListener("input", settled(150, render));
  $("form.filters").addEventListener("submit", (event) => event.preventDefault());
  await load();
}

/**
 * The table of `items`; the first column opens an item.
 * @template Item
 * @param {Item[]} items
 * @param {Column<Item>[]} columns
 * @param {(item: Item) => unknown} open
 */
function table(items, columns, open) {
  const [[title, name], ...others] = columns;
  const row = (/** @type {Item} */ item) => {
    const change = h("button", { type: "button", class: "link", onclick: () => open(item) }, name(item));
    const cells = others.map(([title, content]) => h("td", { "data-name": title }, content(item)));
    return h("tr", {}, h("td", { "data-name": title }, change), ...cells);
  };
  const head = columns.map(([title]) => h("th", { scope: "col" }, title));
  return h("table", { class: "list" }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...items.map(row)));
}

/**
 * Opens the window for an item, and keeps it open until the service accepts the change. Answers the button that was
 * chosen.
 * @param {Edited} edited
 */
function askFor({ title, content, request, remove }) {
  const holder = h("div", {}, ...content);
  /** @type {[string, string, string?][]} */
  const actions = [
    ["save", "Enregistrer"],
    ["cancel", "Annuler"],
  ];
  if (remove) actions.push(["remove", remove.text, "danger"]);
  return ask({
    title,
    content: [holder],
    actions,
    before: async (value) => {
      if (value === "cancel") return true;
      const form = /** @type {HTMLFormElement} */ (holder.closest("form"));
      try {
        if (remove && value === "remove") {
          await call("DELETE", remove.path);
        } else {
          const { path, body } = request(typed(form), form);
          await call("PUT", path, { body });
        }
        return true;
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        show(form, problem);
        return false;
      }
    },
  });
}
