// Elements from text, dates as people write them. Nothing here makes markup of text: names stay names.

/**
 * An element: `h("a", { href, class: "button" }, "Ouvrir")`. `null` children and attributes are left out.
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
 * The first element of a selector: a page's own template has it.
 * @type {(selector: string, root?: ParentNode) => Part}
 */
export const $ = (selector, root = document) => /** @type {Part} */ (root.querySelector(selector));
/** @type {(selector: string, root?: ParentNode) => Part[]} */
export const $$ = (selector, root = document) => /** @type {Part[]} */ ([...root.querySelectorAll(selector)]);

/**
 * What only screen readers read.
 * @param {string} text
 */
export const unseen = (text) => h("span", { class: "unseen" }, text);

/**
 * `2026-11-24` → `24/11/2026`.
 * @param {string} date
 */
export const day = (date) => date.split("-").reverse().join("/");

const LONG = new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeZone: "UTC" });
/**
 * `2026-11-24` → `24 novembre 2026`.
 * @param {string} date
 */
export const longDay = (date) => LONG.format(new Date(`${date}T00:00:00Z`));

const MOMENT = new Intl.DateTimeFormat("fr-FR", { dateStyle: "short", timeStyle: "short", timeZone: "Europe/Paris" });
/**
 * An instant, as the clock in Paris showed it.
 * @param {string} instant
 */
export const moment = (instant) => MOMENT.format(new Date(instant));

/**
 * A date some days later.
 * @param {string} date
 * @param {number} days
 */
export const plusDays = (date, days) => new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);

/**
 * `3 usagers`, `1 usager`.
 * @param {number} count
 * @param {string} one
 */
export const counted = (count, one, many = `${one}s`) => `${count} ${count < 2 ? one : many}`;

/**
 * Says something to whoever can't see that it has changed.
 * @param {string | null} text
 */
export function announce(text) {
  $("#announced").textContent = text;
}

/**
 * Waits until nothing has happened for a moment, then does it once.
 * @param {number} milliseconds
 * @param {() => unknown} action
 */
export function settled(milliseconds, action) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}
