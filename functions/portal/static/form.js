// Forms: reading values, showing faults beside their fields, and sending once per press.

import { Problem } from "./api.js";
import { $, $$, announce, h, unseen } from "./dom.js";

/**
 * Returns a form's values by name, without blank ones.
 * @param {HTMLElement} form
 */
export function typed(form) {
  /** @type {Typed} */
  const values = {};
  for (const [name, value] of new FormData(/** @type {HTMLFormElement} */ (form))) {
    if (typeof value === "string" && value.trim() !== "") values[name] = value;
  }
  return values;
}

/**
 * Returns a labelled input with the markup of the pages' own forms (templates/fields.html).
 * @param {string} text
 * @param {Record<string, Attribute> & { id: string, name: string }} attributes
 * @param {string} [hint]
 */
export function field(text, attributes, hint) {
  const { id, name } = attributes;
  return h(
    "div",
    { class: "field", "data-field": name },
    h("label", { for: id }, text),
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
    h("input", { autocomplete: "off", ...attributes, "aria-describedby": hint ? `${id}-hint` : null }),
  );
}

/** @type {(form: HTMLElement, name: string) => Part | null} */
const place = (form, name) => $(`[data-field="${CSS.escape(name)}"]`, form);
const control = (/** @type {HTMLElement} */ field) => $("input:not([type=hidden]), select, textarea", field);

/**
 * Removes all faults that are shown.
 * @param {HTMLElement} form
 */
export function clear(form) {
  for (const error of $$(".error", form)) error.remove();
  for (const marked of $$("[aria-invalid]", form)) {
    marked.removeAttribute("aria-invalid");
    const left = (marked.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => !id.endsWith("-error"));
    if (left.join("") === "") marked.removeAttribute("aria-describedby");
    else marked.setAttribute("aria-describedby", left.join(" "));
  }
}

/**
 * Returns a problem's text, with a link to the record that it names.
 * @param {Problem} problem
 */
const explained = ({ message, body: { id } }) =>
  h(
    "p",
    {},
    h("strong", {}, message),
    id && " ",
    id && h("a", { href: `/portail/abonne?id=${id}`, target: "_blank" }, "Ouvrir la fiche", unseen(" (nouvel onglet)")),
  );

/**
 * Shows a problem: each fault beside its field, and a summary at the top, which gets the focus.
 * @param {HTMLElement} form
 * @param {Problem} problem
 */
export function show(form, problem) {
  clear(form);
  const items = [];
  for (const { pointer, detail } of problem.errors ?? []) {
    const name = pointer.split("/")[1];
    const field = place(form, name);
    const input = field && control(field);
    if (!input) {
      items.push(h("li", {}, detail));
      continue;
    }
    input.id ||= name;
    if (!$(".error", field)) {
      const error = h("p", { class: "error", id: `${input.id}-error` }, detail);
      (input.closest(".joined") ?? input.closest("fieldset") ?? input).before(error);
      input.setAttribute("aria-invalid", "true");
      const described = input.getAttribute("aria-describedby");
      input.setAttribute("aria-describedby", [described, error.id].filter(Boolean).join(" "));
    }
    const label = $("label, legend, h2", field)?.firstChild?.textContent?.trim() ?? name;
    const link = h("a", { href: `#${input.id}` }, `${label} : ${detail}`);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      form.dispatchEvent(new CustomEvent("reveal", { detail: field }));
      input.focus();
    });
    items.push(h("li", {}, link));
  }
  const summary = h("div", { class: "notice bad error", tabindex: "-1" }, explained(problem));
  if (items.length > 0) summary.append(h("ul", {}, ...items));
  form.prepend(summary);
  summary.focus();
  announce(problem.message);
}

/**
 * Sends a form with `send(values)`, one request at a time. A [Problem] is shown, and the typed values are kept.
 * @param {HTMLElement} form
 * @param {(values: Typed) => Promise<unknown>} send
 */
export function submitting(form, send) {
  let busy = false;
  // The template disables the button, since it has no effect before this handler is installed.
  $("[type=submit]", form).disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    const button = event.submitter ?? $("[type=submit]", form);
    button?.setAttribute("aria-disabled", "true");
    form.setAttribute("aria-busy", "true");
    clear(form);
    try {
      await send(typed(form));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      show(form, problem);
    } finally {
      busy = false;
      button?.removeAttribute("aria-disabled");
      form.removeAttribute("aria-busy");
    }
  });
}

/**
 * Makes a button run `act`, one call at a time. Problems are passed to `trouble`.
 * @param {HTMLElement} button
 * @param {() => Promise<unknown>} act
 * @param {(problem: Problem) => void} trouble
 */
export function pressing(button, act, trouble = failed) {
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      await act();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      trouble(problem);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
  return button;
}

/**
 * Shows a problem at the top of the page.
 * @param {Problem} problem
 */
export function failed(problem) {
  const notice = h("div", { class: "notice bad", tabindex: "-1" }, explained(problem));
  $("#trouble").replaceChildren(notice);
  notice.focus();
}

/** Removes the problem at the top of the page. */
export function mended() {
  $("#trouble").replaceChildren();
}

/**
 * Makes the browser ask before leaving the page while `dirty()` returns `true`.
 * @param {() => boolean} dirty
 */
export function guarding(dirty) {
  addEventListener("beforeunload", (event) => {
    if (dirty()) event.preventDefault();
  });
}

/**
 * Makes the show/hide buttons of passwords work.
 * @param {ParentNode} root
 */
export function revealing(root = document) {
  for (const button of $$("[data-reveals]", root)) {
    const input = $(`#${button.dataset.reveals}`, root);
    button.addEventListener("click", () => {
      const hidden = input.type === "password";
      input.type = hidden ? "text" : "password";
      button.textContent = hidden ? "Masquer" : "Afficher";
      button.setAttribute("aria-pressed", String(hidden));
    });
  }
}
