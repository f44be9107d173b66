// Tabs (ARIA's pattern): arrows move, the shown one is in the tab order.

import { $, $$ } from "./dom.js";

/** Brings the tabs of `root` to life; answers `open(panel)`. */
export function tabs(root) {
  const all = $$("[role=tab]", root);
  const panel = (tab) => $(`#${tab.getAttribute("aria-controls")}`, root);
  const open = (tab) => {
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
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[key];
      if (to === undefined) return;
      const other = all[(to + all.length) % all.length];
      open(other);
      other.focus();
    });
  });
  return (within) => {
    const tab = all.find((one) => panel(one).contains(within));
    if (tab) open(tab);
  };
}
