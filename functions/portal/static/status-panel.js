// The tab "Statut": where the registration stands, what can be done now, what was done, which mails went out.

import { call } from "./api.js";
import { confirmed } from "./dialog.js";
import { $, announce, day, h, longDay, plusDays } from "./dom.js";
import { failed, mended, pressing } from "./form.js";
import { activable, badge, left, renewable, renewableFrom, renewedUntil, statusLabel, unblockable } from "./status.js";
import { history, later, mails, personal } from "./status-parts.js";

/**
 * The panel of a record. `take` is given what an action answered; `save` saves what is typed first.
 * @param {{
 *   path: string,
 *   account: Account,
 *   dirty: () => boolean,
 *   save: () => Promise<boolean>,
 *   take: (saved: Answer<Registration>) => void,
 * }} record
 */
export function statusPanel({ path, account, dirty, save, take }) {
  const place = $("#panel-status");

  /** @type {(button: HTMLElement, title: string, text: string, way: string) => HTMLElement} */
  const acting = (button, title, text, way) =>
    pressing(
      button,
      async () => {
        mended();
        const lines = dirty() ? [text, "Vos modifications seront d’abord enregistrées."] : text;
        if (!(await confirmed(title, lines, button.textContent ?? ""))) return;
        if (!(await save())) return;
        take(await call("POST", `${path}/${way}`));
        announce($(".status", place).textContent);
        $("h2", place).focus();
      },
      failed,
    );

  /** @type {(record: Registration, today: string) => HTMLElement | null} */
  const activation = (record, today) => {
    if (record.status !== "pending") return null;
    if (!activable(record, today)) return h("p", {}, "La date de fin est dépassée : renouvelez l’inscription.");
    if (account.role === "county" && !(left(record, today) && unblockable(record, today))) {
      return h(
        "p",
        {},
        "La MDO pourra valider après 7 jours d’attente, à partir du lendemain de l’avertissement de la bibliothèque.",
      );
    }
    const until = `L’accès s’ouvre tout de suite, jusqu’au ${longDay(plusDays(record.expiresOn, -1))} inclus. L’usager en est averti par e-mail.`;
    return acting(h("button", { type: "button" }, "Activer"), "Activer cet abonnement ?", until, "activation");
  };

  /** @type {(record: Registration, today: string) => HTMLElement | null} */
  const renewal = (record, today) => {
    if (!renewable(record, today)) {
      return h("p", { class: "quiet-text" }, `Renouvellement possible à partir du ${day(renewableFrom(record))}.`);
    }
    const until = `La nouvelle date de fin sera le ${longDay(renewedUntil(record, today))}.`;
    return acting(
      h("button", { type: "button", class: record.status === "pending" ? "secondary" : null }, "Renouveler"),
      "Renouveler pour 365 jours ?",
      until,
      "renewal",
    );
  };

  return {
    /**
     * @param {Registration} record
     * @param {string} today
     */
    show(record, today) {
      place.replaceChildren(
        h("h2", { tabindex: "-1" }, `Statut : ${statusLabel(record.status)}`),
        facts(record, today),
        h("div", { class: "actions" }, activation(record, today), renewal(record, today)),
        h("h2", {}, "E-mails"),
        later((part) => mails(part, path, record)),
        h("h2", {}, "Historique"),
        later((part) => history(part, path)),
        personal(path),
      );
    },
  };
}

/**
 * @param {Registration} record
 * @param {string} today
 */
function facts(record, today) {
  /** @type {[name: string, value: Child][]} */
  const rows = [
    ["Statut", badge(record.status)],
    ["Inscription", day(record.registeredOn)],
    ["Date de fin (premier jour sans accès)", day(record.expiresOn)],
    ["Activation", record.activatedOn && `${day(record.activatedOn)}, par ${record.activatedBy}`],
    ["Dernier renouvellement", record.renewedOn && day(record.renewedOn)],
    ["Bibliothèque avertie", record.warnedOn && day(record.warnedOn)],
    ["MDO avertie", record.escalatedOn && day(record.escalatedOn)],
    ["Attente", left(record, today)],
  ];
  const known = rows.filter(([, value]) => value);
  return h("dl", { class: "facts" }, ...known.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}
