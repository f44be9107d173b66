// Tabs (ARIA pattern): arrow keys move between them, and only the selected one is in the tab order.

import { $, $$ } from "./dom.js";

/**
 * Activates the tabs of `root`. Returns a function that opens the tab whose panel contains a node.
 * @param {HTMLElement} root
 */
export function tabs(root) {
  const all = $$("[role=tab]", root);
  const panel = (/** @type {Part} */ tab) => $(`#${tab.getAttribute("aria-controls")}`, root);
  const open = (/** @type {Part} */ tab) => {
    for (const other of all) {
      const shown = other === tab;
      other.setAttribute("aria-selected", String(shown));
      other.tabIndex = shown ? 0 : -1;
      panel(other).hidden = !shown;
    }
  };
  all.forEach((tab, at) => {
    tab.addEventListener("click", () => open(tab));
    tab.addEventListener("keydown", ({ key }) => {
      /** @type {Record<string, number | undefined>} */
      const places = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 };
      const to = places[key];
      if (to === undefined) return;
      const other = all[(to + all.length) % all.length];
      open(other);
      other.focus();
    });
  });
  return (/** @type {Node} */ within) => {
    const tab = all.find((one) => panel(one).contains(within));
    if (tab) open(tab);
  };
}
