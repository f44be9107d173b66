// The tab "Statut": where the registration stands, what can be done now, what was done, which mails went out.

import { call, get } from "./api.js";
import { fieldName } from "./conflict.js";
import { confirmed } from "./dialog.js";
import { $, announce, day, h, longDay, moment } from "./dom.js";
import { save as saveFile } from "./export.js";
import { failed, mended, pressing } from "./form.js";
import { badge, refusal, statusLabel } from "./status.js";

const DONE = {
  created: "Inscription",
  changed: "Modification",
  activated: "Activation",
  renewed: "Renouvellement",
  warned: "Bibliothèque avertie",
  escalated: "MDO avertie",
  exported: "Export Excel",
  erased: "Effacement",
};
const MAILS = { activation: "Validation de l’inscription", "password-link": "Lien pour choisir le mot de passe" };
const STATES = {
  waiting: "en attente d’envoi",
  sent: "envoyé",
  delivered: "remis",
  bounced: "refusé par la messagerie de l’usager",
  complained: "signalé comme indésirable",
  dropped: "non envoyé",
};

/** Milliseconds after which a mail that was waiting is looked at again. */
const LOOK_AGAIN = 1_500;

/** The panel of a record. `take` is given what an action answered; `save` saves what is typed first. */
export function statusPanel({ path, dirty, save, take }) {
  const place = $("#panel-status");

  const acting = (button, title, text, way) =>
    pressing(
      button,
      async () => {
        mended();
        const lines = dirty() ? [text, "Vos modifications seront d’abord enregistrées."] : text;
        if (!(await confirmed(title, lines, button.textContent))) return;
        if (!(await save())) return;
        take(await call("POST", `${path}/${way}`));
        announce($(".status", place).textContent);
        $("h2", place).focus();
      },
      failed,
    );

  const refused = (action) => {
    const text = refusal(action);
    return text && h("p", { class: "quiet-text" }, text);
  };

  const activation = ({ actions }) => {
    const { allowed, accessUntil } = actions.activation;
    if (!allowed) return refused(actions.activation);
    const until = `L’accès s’ouvre tout de suite, jusqu’au ${longDay(accessUntil)} inclus. L’usager en est averti par e-mail.`;
    return acting(h("button", { type: "button" }, "Activer"), "Activer cet abonnement ?", until, "activation");
  };

  const renewal = ({ actions }) => {
    const { allowed, expiresOn, activates } = actions.renewal;
    if (!allowed) return refused(actions.renewal);
    const until = `La nouvelle date de fin sera le ${longDay(expiresOn)}.`;
    const opens = activates ? " L’accès s’ouvre tout de suite. L’usager en est averti par e-mail." : "";
    return acting(
      h("button", { type: "button", class: activates ? "secondary" : null }, "Renouveler"),
      "Renouveler cet abonnement ?",
      until + opens,
      "renewal",
    );
  };

  const facts = (record) => {
    const rows = [
      ["Statut", badge(record.status)],
      ["Inscription", day(record.registeredOn)],
      ["Date de fin (premier jour sans accès)", day(record.expiresOn)],
      record.activatedOn && ["Activation", `${day(record.activatedOn)}, par ${record.activatedBy}`],
      record.renewedOn && ["Dernier renouvellement", day(record.renewedOn)],
      record.warnedOn && ["Bibliothèque avertie", day(record.warnedOn)],
      record.escalatedOn && ["MDO avertie", day(record.escalatedOn)],
      record.actions.countyFrom && !record.escalatedOn && ["MDO avertie au plus tôt", day(record.actions.countyFrom)],
    ].filter(Boolean);
    return h("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  };

  /** A mail that waits is on its way: looked at again a few times. */
  const mails = async (place, record, looks = 5) => {
    const { body } = await get(`${path}/mails`, { quiet: looks < 5 });
    if (looks > 1 && body.items.some(({ state }) => state === "waiting")) {
      setTimeout(() => place.isConnected && mails(place, record, looks - 1).catch(() => null), LOOK_AGAIN);
    }
    const line = ({ kind, state, at }) =>
      h(
        "li",
        { class: state === "bounced" || state === "complained" ? "bad" : null },
        `${MAILS[kind] ?? kind} : ${STATES[state] ?? state}, ${moment(at)}`,
      );
    const items = body.items.map(line);
    const again = h("button", { type: "button", class: "secondary" }, "Renvoyer le lien");
    pressing(again, async () => {
      await call("POST", "/password-resets", { body: { email: record.email }, anonymous: true });
      announce("Le lien part vers l’adresse de l’usager.");
      again.replaceWith(
        h(
          "p",
          { class: "notice good" },
          `Un lien pour choisir le mot de passe part vers ${record.email}. Trois au plus par heure.`,
        ),
      );
    });
    const blocked =
      record.mailState &&
      h(
        "p",
        { class: "notice bad" },
        "Les messages à cette adresse reviennent : corrigez l’adresse e-mail dans l’onglet « Informations ».",
      );
    place.replaceChildren(
      blocked || "",
      items.length > 0 ? h("ul", {}, ...items) : h("p", { class: "quiet-text" }, "Aucun e-mail n’a encore été envoyé."),
      again,
    );
  };

  const history = async (place) => {
    const { body } = await get(`${path}/history`);
    const line = ({ at, by, action, fields }) => {
      const who = by === "escalate" ? "contrôle quotidien" : by;
      const what = fields ? ` (${fields.map(fieldName).join(", ")})` : "";
      return h("li", {}, h("strong", {}, DONE[action] ?? action), `${what}, ${moment(at)}, ${who}`);
    };
    place.replaceChildren(h("ol", { class: "history" }, ...body.items.map(line)));
  };

  const personal = (record) => {
    const state = h("p", { role: "status" });
    const all = pressing(h("button", { type: "button", class: "secondary" }, "Télécharger ses données"), () =>
      saveFile(`${path}/data`, state),
    );
    const erase = pressing(h("button", { type: "button", class: "danger" }, "Effacer cet usager"), async () => {
      const sure = await confirmed(
        "Effacer cet usager ?",
        ["L’inscription, le compte et toutes les données de cette personne seront effacés. C’est définitif."],
        "Effacer définitivement",
        "danger",
      );
      if (!sure) return;
      await call("DELETE", path, { headers: { "if-match": "*" } });
      location.replace("/portail/abonnes");
    });
    return h(
      "details",
      {},
      h("summary", {}, "Données personnelles"),
      h("p", {}, "À la demande de l’usager : tout ce qui est conservé sur lui, ou l’effacement."),
      h("div", { class: "actions" }, all, erase),
      state,
    );
  };

  /** Fills a part in when its answer has come; without one, says so there and no further. */
  const later = async (fill) => {
    const part = h("div", { "aria-busy": "true" }, h("p", { class: "quiet-text" }, "Chargement…"));
    return [
      part,
      fill(part)
        .catch((problem) => part.replaceChildren(h("p", { class: "quiet-text" }, problem.message)))
        .finally(() => part.removeAttribute("aria-busy")),
    ];
  };

  return {
    show(record) {
      const parts = { mails: h("div", {}), history: h("div", {}) };
      place.replaceChildren(
        h("h2", { tabindex: "-1" }, `Statut : ${statusLabel(record.status)}`),
        facts(record),
        h("div", { class: "actions" }, ...[activation(record), renewal(record)].filter(Boolean)),
        h("h2", {}, "E-mails"),
        parts.mails,
        h("h2", {}, "Historique"),
        parts.history,
        personal(record),
      );
      for (const [name, fill] of Object.entries({ mails: (part) => mails(part, record), history })) {
        later(fill).then(([part]) => parts[name].replaceWith(part));
      }
    },
  };
}
