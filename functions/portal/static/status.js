// Display of a registration: its status by colour, shape and word, and the API's `actions` as text. The rules are in
// the API; this module contains no number of days.

import { day, h } from "./dom.js";

const LABELS = { pending: "En attente", active: "Validé", expired: "Expiré" };

export const statusLabel = (/** @type {Status} */ status) => LABELS[status];

export const badge = (/** @type {Status} */ status) =>
  h("span", { class: `status ${status}` }, h("span", { class: "mark", "aria-hidden": "true" }), LABELS[status]);

/**
 * Returns the latest or next warning of a pending registration, or `null` for any other status.
 * @param {{ status: Status, warnedOn?: string, escalatedOn?: string, actions: { countyFrom?: string } }} registration
 */
export function waiting({ status, warnedOn, escalatedOn, actions }) {
  if (status !== "pending") return null;
  if (escalatedOn) return `MDO avertie le ${day(escalatedOn)}`;
  if (warnedOn) return `Bibliothèque avertie le ${day(warnedOn)}`;
  return actions.countyFrom ? `MDO avertie au plus tôt le ${day(actions.countyFrom)}` : null;
}

/** @type {Partial<Record<Refusal["reason"], (from: string | undefined) => string>>} */
const REASONS = {
  "past-expiry": () => "La date de fin est dépassée : renouvelez l’inscription.",
  "county-too-early": (from) =>
    `La MDO pourra valider à partir du ${from}, si la bibliothèque a été avertie avant ce jour.`,
  "library-not-warned": () => "La MDO pourra valider à partir du lendemain de l’avertissement de la bibliothèque.",
  "renewal-too-early": (from) => `Renouvellement possible à partir du ${from}.`,
};

/**
 * Returns the reason of a refused action as a sentence, or `null` if there is none to show.
 * @param {Omit<Refusal, "allowed">} action
 */
export const refusal = ({ reason, possibleFrom }) => REASONS[reason]?.(possibleFrom && day(possibleFrom)) ?? null;

/**
 * Formats a person's name: `EXEMPLE Camille`.
 * @param {Pick<Person, "lastName" | "firstName">} person
 */
export const fullName = ({ lastName, firstName }) => `${lastName.toLocaleUpperCase("fr")} ${firstName}`;
