// How a status is shown: by a colour, a shape and a word.

import { daysBetween, h, plusDays } from "./dom.js";

const LABELS = { pending: "En attente", active: "Validé", expired: "Expiré" };

export const statusLabel = (/** @type {Status} */ status) => LABELS[status];

export const badge = (/** @type {Status} */ status) =>
  h("span", { class: `status ${status}` }, h("span", { class: "mark", "aria-hidden": "true" }), LABELS[status]);

/** Days after which the county may step in (rules, section 4): from the 8th calendar day on. */
const OVERDUE_AFTER = 8;
/** Days before the end from which a registration is renewed (rules, section 3). */
const RENEWAL_WINDOW = 30;
const VALIDITY = 365;

/**
 * What a pending registration's library has left before the county may step in; `null` for any other.
 * @param {Registration} registration
 * @param {string} today
 */
export function left({ status, registeredOn, warnedOn, escalatedOn }, today) {
  if (status !== "pending") return null;
  const days = daysBetween(today, plusDays(registeredOn, OVERDUE_AFTER));
  if (escalatedOn) return "La MDO peut valider";
  if (days <= 0) return warnedOn ? "Plus de 7 jours : bibliothèque avertie" : "Plus de 7 jours d’attente";
  return days === 1 ? "Dernier jour avant l’intervention de la MDO" : `${days} jours avant l’intervention de la MDO`;
}

/**
 * Whether a registration may be activated, as far as a library is concerned.
 * @type {(registration: Registration, today: string) => boolean}
 */
export const activable = ({ status, expiresOn }, today) => status === "pending" && today < expiresOn;

/**
 * Whether it may be renewed.
 * @type {(registration: Registration, today: string) => boolean}
 */
export const renewable = ({ expiresOn }, today) => today >= plusDays(expiresOn, -RENEWAL_WINDOW);

/**
 * From when.
 * @param {Registration} registration
 */
export const renewableFrom = ({ expiresOn }) => plusDays(expiresOn, -RENEWAL_WINDOW);

/**
 * Its end, were it renewed today: from today, or from the old end if that is later.
 * @type {(registration: Registration, today: string) => string}
 */
// biome-ignore lint/complexity/useMathMinMax: these are dates as text, which Math.max cannot compare.
export const renewedUntil = ({ expiresOn }, today) => plusDays(today > expiresOn ? today : expiresOn, VALIDITY);

/**
 * Whether the county may activate it (rules, section 4).
 * @type {(registration: Registration, today: string) => boolean}
 */
export const unblockable = ({ warnedOn, escalatedOn }, today) => (warnedOn ? warnedOn < today : Boolean(escalatedOn));

/**
 * `EXEMPLE Camille`.
 * @param {Registration} registration
 */
export const fullName = ({ lastName, firstName }) => `${lastName.toLocaleUpperCase("fr")} ${firstName}`;
