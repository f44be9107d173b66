// A searchable drop-down (ARIA's combobox with a list): a library among one's own, by town, name or postal code.

import { get } from "./api.js";
import { $, h } from "./dom.js";
import { finder } from "./search.js";

/**
 * `Fleury (60240), Bibliothèque municipale`: a third of the libraries are called the same.
 * @param {Library} library
 */
export const label = ({ town, postalCode, name }) => `${town} (${postalCode}), ${name}`;

/** @type {Promise<Library[]> | null} */
let asked = null;
/**
 * The libraries that one may choose among, by town then name.
 * @returns {Promise<Library[]>}
 */
export const libraries = () =>
  (asked ??= get("/libraries").then(
    ({ body }) => body.items,
    (problem) => {
      asked = null;
      throw problem;
    },
  ));

/**
 * Brings the picker around the hidden input `name` to life. With one library only there is nothing to choose. Answers
 * `choose(id)`; `changed(id)` is told what was chosen, or `""`.
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
    // What was typed to its end is chosen; what names no library is not left standing as if it did.
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
 * The options of the list, of which each takes its library when clicked; one that says so where there are none.
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
