// Modal dialogs. Focus moves into the dialog, stays there, and returns afterwards; Escape means "no".

import { h } from "./dom.js";

let count = 0;

/**
 * Opens a dialog. `actions` are buttons `[value, label, kind?]`, the first of them the default. Resolves to the value
 * of the pressed button, or to `null` for Escape. If `before(value)` returns `false`, the dialog stays open.
 * @param {{
 *   title: string,
 *   content?: Child[],
 *   actions: [value: string, label: string, kind?: string][],
 *   before?: (value: string) => boolean | Promise<boolean>,
 *   wide?: boolean,
 * }} question
 * @returns {Promise<string | null>}
 */
export function ask({ title, content = [], actions, before = () => true, wide = false }) {
  count += 1;
  const id = `dialog-${count}`;
  return new Promise((resolve) => {
    /** @type {string | null} */
    let answer = null;
    let busy = false;
    const choose = async (/** @type {string} */ value) => {
      if (busy) return;
      busy = true;
      const close = await before(value);
      busy = false;
      if (close === false) return;
      answer = value;
      dialog.close();
    };
    const buttons = actions.map(([value, label, kind], at) =>
      h(
        "button",
        {
          type: at === 0 ? "submit" : "button",
          class: kind ?? (at === 0 ? null : "secondary"),
          onclick: at === 0 ? null : () => choose(value),
        },
        label,
      ),
    );
    const form = h("form", { novalidate: true }, ...content, h("div", { class: "actions" }, ...buttons));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      choose(actions[0][0]);
    });
    const dialog = h("dialog", { "aria-labelledby": id, class: wide ? "wide" : null }, h("h2", { id }, title), form);
    dialog.addEventListener("cancel", (event) => {
      if (busy) event.preventDefault();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * Asks a yes-or-no question.
 * @param {string} title
 * @param {string | string[]} text
 * @param {string} yes
 * @param {string} [kind]
 */
export async function confirmed(title, text, yes, kind) {
  /** @type {[string, string, string?][]} */
  const actions = [
    ["yes", yes, kind],
    ["no", "Annuler"],
  ];
  return (await ask({ title, content: [text].flat().map((line) => h("p", {}, line)), actions })) === "yes";
}
