// How a registration is shown: its status by a colour, a shape and a word, and in words what the API's `actions` say of
// it. The rules are the API's; no number of days stands here.

import { day, h } from "./dom.js";

const LABELS = { pending: "En attente", active: "Validé", expired: "Expiré" };

export const statusLabel = (/** @type {Status} */ status) => LABELS[status];

export const badge = (/** @type {Status} */ status) =>
  h("span", { class: `status ${status}` }, h("span", { class: "mark", "aria-hidden": "true" }), LABELS[status]);

/**
 * How long a pending registration's library has been left alone with it; `null` for any other status.
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
 * Why an action of `actions` is refused, in a sentence; `null` where there is nothing to say.
 * @param {Omit<Refusal, "allowed">} action
 */
export const refusal = ({ reason, possibleFrom }) => REASONS[reason]?.(possibleFrom && day(possibleFrom)) ?? null;

/**
 * `EXEMPLE Camille`.
 * @param {Pick<Person, "lastName" | "firstName">} person
 */
export const fullName = ({ lastName, firstName }) => `${lastName.toLocaleUpperCase("fr")} ${firstName}`;
