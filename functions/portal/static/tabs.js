// Tabs (ARIA's pattern): arrows move, the shown one is in the tab order.

import { $, $$ } from "./dom.js";

/**
 * Brings the tabs of `root` to life; answers `open(panel)`.
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
