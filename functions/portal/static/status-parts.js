// Parts of the tab "Statut" that are fetched separately: messages, history, the person's data.

import { call, get } from "./api.js";
import { fieldName } from "./conflict.js";
import { confirmed } from "./dialog.js";
import { announce, h, moment } from "./dom.js";
import { save } from "./export.js";
import { pressing } from "./form.js";

/** @type {Record<string, string>} */
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
/** @type {Record<string, string>} */
const MAILS = { activation: "Validation de l’inscription", "password-link": "Lien pour choisir le mot de passe" };
/** @type {Record<string, string>} */
const STATES = {
  waiting: "en attente d’envoi",
  sent: "envoyé",
  delivered: "remis",
  bounced: "refusé par la messagerie de l’usager",
  complained: "signalé comme indésirable",
  dropped: "non envoyé",
};

/** Milliseconds after which the state of a waiting message is fetched again. */
const POLL_INTERVAL = 1_500;

/**
 * Shows the messages of the record at `path`. While one is waiting, they are fetched again, at most 4 times.
 * @param {HTMLElement} place
 * @param {string} path
 * @param {Registration} record
 */
export async function mails(place, path, record, looks = 5) {
  /** @type {Answer<{ items: Mail[] }>} */
  const { body } = await get(`${path}/mails`, { quiet: looks < 5 });
  if (looks > 1 && body.items.some(({ state }) => state === "waiting")) {
    setTimeout(() => place.isConnected && mails(place, path, record, looks - 1).catch(() => null), POLL_INTERVAL);
  }
  const line = (/** @type {Mail} */ { kind, state, at }) =>
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
}

/**
 * Shows the history of the record at `path`.
 * @param {HTMLElement} place
 * @param {string} path
 */
export async function history(place, path) {
  /** @type {Answer<{ items: HistoryLine[] }>} */
  const { body } = await get(`${path}/history`);
  const line = (/** @type {HistoryLine} */ { at, by, action, fields, possibly }) => {
    const who = by === "escalate" ? "contrôle quotidien" : by;
    const what = fields ? ` (${fields.map(fieldName).join(", ")})` : possibly ? " (peut-être)" : "";
    return h("li", {}, h("strong", {}, DONE[action] ?? action), `${what}, ${moment(at)}, ${who}`);
  };
  place.replaceChildren(h("ol", { class: "history" }, ...body.items.map(line)));
}

/**
 * Returns the part for downloading or erasing the person's data.
 * @param {string} path
 */
export function personal(path) {
  const state = h("p", { role: "status" });
  const all = pressing(h("button", { type: "button", class: "secondary" }, "Télécharger ses données"), () =>
    save(`${path}/data`, state),
  );
  const erase = pressing(h("button", { type: "button", class: "danger" }, "Effacer cet usager"), async () => {
    const sure = await confirmed(
      "Effacer cet usager ?",
      [
        "L’inscription et toutes les données de cette personne seront effacées. Son compte le sera aussi, s’il ne sert à personne d’autre. C’est définitif.",
      ],
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
}

/**
 * Returns a part that `fill` fills in asynchronously. A problem is shown in the part only.
 * @param {(part: HTMLElement) => Promise<void>} fill
 */
export function later(fill) {
  const part = h("div", { "aria-busy": "true" }, h("p", { class: "quiet-text" }, "Chargement…"));
  fill(part)
    .catch((problem) => part.replaceChildren(h("p", { class: "quiet-text" }, problem.message)))
    .finally(() => part.removeAttribute("aria-busy"));
  return part;
}
