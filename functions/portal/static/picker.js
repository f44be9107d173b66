// A searchable drop-down (ARIA combobox with listbox) for the user's libraries, by town, name or postal code.

import { get } from "./api.js";
import { $, h } from "./dom.js";
import { finder } from "./search.js";

/**
 * Returns a library's unique label: `Fleury (60240), Bibliothèque municipale`. A third of the libraries have the same
 * name. It says so if the library is closed.
 * @param {Library} library
 */
export const label = ({ town, postalCode, name, active }) =>
  `${town} (${postalCode}), ${name}${active ? "" : " (fermée)"}`;

/**
 * Returns the libraries that can be chosen: the open ones, and those that were chosen before.
 * @param {Library[]} items
 * @param {string[]} [kept]
 */
export const choosable = (items, kept = []) => items.filter(({ id, active }) => active || kept.includes(id));

/** @type {Promise<Library[]> | null} */
let fetched = null;
/**
 * Returns the user's libraries, sorted by town and name. They are fetched once per page.
 * @returns {Promise<Library[]>}
 */
export const libraries = () =>
  (fetched ??= get("/libraries").then(
    ({ body }) => body.items,
    (problem) => {
      fetched = null;
      throw problem;
    },
  ));

/**
 * Activates the picker of the hidden input `name`. A single library is chosen at once. Returns `choose(id)`; calls
 * `changed(id)` with the user's choice, or with `""` for none.
 * @param {HTMLElement} root
 * @param {string} name
 * @param {Library[]} items
 * @param {(id: string) => unknown} changed
 */
export function picker(root, name, items, changed = () => {}) {
  const [box, hidden, list] = [$(`#${name}-choice`, root), $(`[name=${name}]`, root), $(`#${name}-list`, root)];
  const find = finder(items, label);
  /** @type {Library[]} */
  let shown = [];
  let active = -1;

  const close = () => {
    list.hidden = true;
    active = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const set = (/** @type {Library | undefined} */ item) => {
    hidden.value = item?.id ?? "";
    box.value = item ? label(item) : "";
    close();
  };
  const take = (/** @type {Library | undefined} */ item) => {
    set(item);
    hidden.dispatchEvent(new Event("input", { bubbles: true }));
    changed(item?.id ?? "");
  };
  const mark = (/** @type {number} */ at) => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = at;
    const option = list.children[at];
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  };
  const open = () => {
    const chosen = items.find(({ id }) => id === hidden.value);
    shown = find(chosen && box.value === label(chosen) ? "" : box.value);
    list.replaceChildren(...options(shown, name, take));
    list.hidden = false;
    active = -1;
    box.setAttribute("aria-expanded", "true");
    box.removeAttribute("aria-activedescendant");
  };
  box.addEventListener("input", () => {
    hidden.value = "";
    open();
  });
  box.addEventListener("click", () => list.hidden && open());
  box.addEventListener("blur", () => {
    const chosen = items.find(({ id }) => id === hidden.value);
    // Text that matches a single library chooses it. Any other text is removed, since it would look like a choice.
    if (!chosen && box.value.trim() !== "" && shown.length === 1) take(shown[0]);
    else if (!chosen) take(undefined);
    else set(chosen);
  });
  box.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) {
      event.preventDefault();
      if (list.hidden) open();
      if (shown.length > 0) mark((active + step + shown.length) % shown.length);
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      if (shown.length > 0) take(shown[Math.max(active, 0)]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  const choose = (/** @type {string} */ id) => set(items.find((item) => item.id === id));
  box.disabled = false;
  if (items.length === 1) {
    choose(items[0].id);
    box.readOnly = true;
  }
  return choose;
}

/**
 * Returns the options of the list, each of which calls `take` when clicked; without libraries, a disabled option.
 * @param {Library[]} items
 * @param {string} name
 * @param {(item: Library) => void} take
 */
function options(items, name, take) {
  if (items.length === 0) {
    const none = { role: "option", "aria-disabled": "true", "aria-selected": "false" };
    return [h("li", none, "Aucune bibliothèque ne correspond")];
  }
  return items.map((item, at) =>
    h(
      "li",
      {
        role: "option",
        id: `${name}-${at}`,
        "aria-selected": "false",
        onmousedown: (e) => e.preventDefault(),
        onclick: () => take(item),
      },
      label(item),
    ),
  );
}
