// What the county keeps, three times alike: a list that can be searched, and a window to add or to change.

import { call, get, Problem } from "./api.js";
import { ask } from "./dialog.js";
import { $, announce, counted, h, settled } from "./dom.js";
import { show, typed } from "./form.js";
import { finder } from "./search.js";
import { attempt } from "./shell.js";

/** A labelled input, as the pages' own forms have them. */
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

/** A labelled box to tick. */
export const tick = (name, text, checked) =>
  h("label", { class: "box" }, h("input", { type: "checkbox", name, checked }), h("span", {}, text));

/**
 * Shows the items of `path` as a table: `columns` are `[title, item => content]`, `text` what can be searched, `one`
 * and `many` what they are called. `edit(item)` is what the window holds: `{ title, content, request, remove? }`.
 */
export async function directory({ path, columns, text, one, many, edit }) {
  let items = [];
  let find = () => [];
  const render = () => {
    const found = find($("#search").value);
    const row = (item) => {
      const change = h("button", { type: "button", class: "link", onclick: () => open(item) }, columns[0][1](item));
      const cells = columns.slice(1).map(([title, content]) => h("td", { "data-name": title }, content(item)));
      return h("tr", {}, h("td", { "data-name": columns[0][0] }, change), ...cells);
    };
    const head = columns.map(([title]) => h("th", { scope: "col" }, title));
    const table = h(
      "table",
      { class: "list" },
      h("thead", {}, h("tr", {}, ...head)),
      h("tbody", {}, ...found.map(row)),
    );
    const none = h(
      "div",
      { class: "empty" },
      h(
        "p",
        {},
        items.length > 0 ? "Rien ne correspond à cette recherche." : `Aucun élément : commencez par en ajouter.`,
      ),
    );
    $("#rows").removeAttribute("aria-busy");
    $("#rows").replaceChildren(
      h("p", { class: "quiet-text" }, counted(found.length, one, many)),
      found.length > 0 ? table : none,
    );
  };
  const load = async () => {
    items = (await get(path)).body.items;
    find = finder(items, text);
    render();
  };

  async function open(item) {
    const { title, content, request, remove } = edit(item);
    const holder = h("div", {}, ...content);
    const actions = [
      ["save", "Enregistrer"],
      ["cancel", "Annuler"],
      ...(remove ? [["remove", remove.text, "danger"]] : []),
    ];
    const answer = await ask({
      title,
      content: [holder],
      actions,
      before: async (value) => {
        if (value === "cancel") return true;
        const form = holder.closest("form");
        try {
          const {
            method = "PUT",
            path: to,
            body,
          } = value === "remove" ? { method: "DELETE", path: remove.path } : request(typed(form), form);
          await call(method, to, { body });
          return true;
        } catch (problem) {
          if (!(problem instanceof Problem)) throw problem;
          show(form, problem);
          return false;
        }
      },
    });
    if (answer !== "save" && answer !== "remove") return;
    await attempt(load);
    announce(answer === "save" ? "Enregistré." : "Retiré.");
  }

  for (const control of [$("#search"), $("#add")]) control.disabled = false;
  $("#add").addEventListener("click", () => open(null));
  $("#search").addEventListener("input", settled(150, render));
  $("form.filters").addEventListener("submit", (event) => event.preventDefault());
  await load();
}
