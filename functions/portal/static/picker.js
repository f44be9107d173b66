// A searchable drop-down (ARIA's combobox with a list): a library among one's own, by town, name or postal code.

import { get } from "./api.js";
import { $, h } from "./dom.js";
import { finder } from "./search.js";

/** `Fleury (60240), Bibliothèque municipale`: a third of the libraries are called the same. */
export const label = ({ town, postalCode, name }) => `${town} (${postalCode}), ${name}`;

let asked = null;
/** The libraries that one may choose among, by town then name. */
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
 */
export function picker(root, name, items, changed = () => {}) {
  const [box, hidden, list] = [$(`#${name}-choice`, root), $(`[name=${name}]`, root), $(`#${name}-list`, root)];
  const find = finder(items, label);
  let shown = [];
  let active = -1;

  const close = () => {
    list.hidden = true;
    active = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const set = (item) => {
    hidden.value = item?.id ?? "";
    box.value = item ? label(item) : "";
    close();
  };
  const take = (item) => {
    set(item);
    hidden.dispatchEvent(new Event("input", { bubbles: true }));
    changed(item?.id ?? "");
  };
  const mark = (at) => {
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
    const option = (item, at) =>
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
      );
    const none = h(
      "li",
      { role: "option", "aria-disabled": "true", "aria-selected": "false" },
      "Aucune bibliothèque ne correspond",
    );
    list.replaceChildren(...(shown.length > 0 ? shown.map(option) : [none]));
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
    else if (!chosen) take(null);
    else set(chosen);
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
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
  const choose = (id) => set(items.find((item) => item.id === id));
  box.disabled = false;
  if (items.length === 1) {
    choose(items[0].id);
    box.readOnly = true;
  }
  return choose;
}
