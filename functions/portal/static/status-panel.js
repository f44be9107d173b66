// The tab "Statut": status, possible actions, history and messages of a registration.

import { call } from "./api.js";
import { confirmed } from "./dialog.js";
import { $, announce, day, h, lastDay, longDay } from "./dom.js";
import { failed, mended, pressing } from "./form.js";
import { badge, refusal, statusLabel } from "./status.js";
import { history, later, mails, personal } from "./status-parts.js";

/**
 * Returns the panel of a record. Actions first save unsaved changes with `save`, then pass their answer to `take`.
 * @param {{
 *   path: string,
 *   dirty: () => boolean,
 *   save: () => Promise<boolean>,
 *   take: (saved: Answer<Registration>) => void,
 * }} record
 */
export function statusPanel({ path, dirty, save, take }) {
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

  const refused = (/** @type {Refusal} */ action) => {
    const text = refusal(action);
    return text && h("p", { class: "quiet-text" }, text);
  };

  const activation = (/** @type {Registration} */ { actions }) => {
    const action = actions.activation;
    if (!action.allowed) return refused(action);
    const until = `L’accès s’ouvre tout de suite, jusqu’au ${longDay(action.accessUntil)} inclus. L’usager en est averti par e-mail.`;
    return acting(h("button", { type: "button" }, "Activer"), "Activer cet abonnement ?", until, "activation");
  };

  const renewal = (/** @type {Registration} */ { actions }) => {
    const action = actions.renewal;
    if (!action.allowed) return refused(action);
    const { expiresOn, activates } = action;
    const until = `L’accès durera jusqu’au ${longDay(lastDay(expiresOn))} inclus.`;
    const opens = activates ? " L’accès s’ouvre tout de suite. L’usager en est averti par e-mail." : "";
    return acting(
      h("button", { type: "button", class: activates ? "secondary" : null }, "Renouveler"),
      "Renouveler cet abonnement ?",
      until + opens,
      "renewal",
    );
  };

  return {
    /** @param {Registration} record */
    show(record) {
      place.replaceChildren(
        h("h2", { tabindex: "-1" }, `Statut : ${statusLabel(record.status)}`),
        facts(record),
        h("div", { class: "actions" }, activation(record), renewal(record)),
        h("h2", {}, "E-mails"),
        later((part) => mails(part, path, record)),
        h("h2", {}, "Historique"),
        later((part) => history(part, path)),
        personal(path),
      );
    },
  };
}

/** @param {Registration} record */
function facts(record) {
  const { countyFrom } = record.actions;
  /** @type {[name: string, value: Child][]} */
  const rows = [
    ["Statut", badge(record.status)],
    ["Inscription", day(record.registeredOn)],
    ["Dernier jour d’accès", day(lastDay(record.expiresOn))],
    ["Activation", record.activatedOn && `${day(record.activatedOn)}, par ${record.activatedBy}`],
    ["Dernier renouvellement", record.renewedOn && day(record.renewedOn)],
    ["Bibliothèque avertie", record.warnedOn && day(record.warnedOn)],
    ["MDO avertie", record.escalatedOn && day(record.escalatedOn)],
    ["MDO avertie au plus tôt", !record.escalatedOn && countyFrom && day(countyFrom)],
  ];
  const known = rows.filter(([, value]) => value);
  return h("dl", { class: "facts" }, ...known.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}
