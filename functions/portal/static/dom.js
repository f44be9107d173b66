// Helpers for elements and dates. Text is never parsed as markup.

/**
 * Creates an element: `h("a", { href, class: "button" }, "Ouvrir")`. `null`, `undefined` and `false` are left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, Attribute> | null} attributes
 * @param {...(Child | Child[])} children
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * Returns the first element of a selector, which the page's template must contain.
 * @type {(selector: string, root?: ParentNode) => Part}
 */
export const $ = (selector, root = document) => /** @type {Part} */ (root.querySelector(selector));
/** @type {(selector: string, root?: ParentNode) => Part[]} */
export const $$ = (selector, root = document) => /** @type {Part[]} */ ([...root.querySelectorAll(selector)]);

/**
 * Returns text for screen readers only.
 * @param {string} text
 */
export const unseen = (text) => h("span", { class: "unseen" }, text);

/**
 * Formats a date: `2026-11-24` → `24/11/2026`.
 * @param {string} date
 */
export const day = (date) => date.split("-").reverse().join("/");

const LONG = new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeZone: "UTC" });
/**
 * Formats a date: `2026-11-24` → `24 novembre 2026`.
 * @param {string} date
 */
export const longDay = (date) => LONG.format(new Date(`${date}T00:00:00Z`));

const MOMENT = new Intl.DateTimeFormat("fr-FR", { dateStyle: "short", timeStyle: "short", timeZone: "Europe/Paris" });
/**
 * Formats an instant in Paris time.
 * @param {string} instant
 */
export const moment = (instant) => MOMENT.format(new Date(instant));

/**
 * Returns the last day with access. Pages, mails and workbooks name this day; `expiresOn` is the first day without access.
 * @param {string} expiresOn
 */
export const lastDay = (expiresOn) => new Date(Date.parse(expiresOn) - 86_400_000).toISOString().slice(0, 10);

/**
 * Formats a number with its noun: `3 usagers`, `1 usager`.
 * @param {number} count
 * @param {string} one
 */
export const counted = (count, one, many = `${one}s`) => `${count} ${count < 2 ? one : many}`;

/**
 * Returns the URL that writes to an e-mail address. Signs that would begin a parameter, such as a further recipient, are
 * encoded.
 * @param {string} email
 */
export const mailto = (email) => `mailto:${email.split("@").map(encodeURIComponent).join("@")}`;

/**
 * Announces a text through the page's live region, for screen readers.
 * @param {string | null} text
 */
export function announce(text) {
  $("#announced").textContent = text;
}

/**
 * Returns a function that calls `action` once, `milliseconds` after its last call.
 * @param {number} milliseconds
 * @param {() => unknown} action
 */
export function debounce(milliseconds, action) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}
