// The history of the directory, in a dialog: who changed which library, resource or member of staff.

import { get } from "./api.js";
import { ask } from "./dialog.js";
import { h, moment } from "./dom.js";
import { pressing } from "./form.js";

const KINDS = { library: "Bibliothèque", resource: "Ressource", staff: "Compte" };
/** @type {Record<string, string>} */
const DONE = {
  created: "ajout",
  changed: "modification",
  removed: "retrait",
  invited: "nouvelle invitation",
  "sessions-ended": "déconnexion de tous les appareils",
  "second-factor-removed": "double authentification retirée",
};
/** @type {Record<string, string>} */
const FIELDS = {
  name: "nom",
  town: "commune",
  postalCode: "code postal",
  email: "adresse e-mail",
  active: "ouverture aux choix",
  url: "adresse",
  role: "rôle",
  displayName: "nom affiché",
  libraryIds: "bibliothèques",
};

/** @param {DirectoryLine} line */
function shown({ at, by, kind, id, email, action, fields }) {
  const what = fields ? ` (${fields.map((name) => FIELDS[name] ?? name).join(", ")})` : "";
  return h(
    "li",
    {},
    h("strong", {}, `${KINDS[kind]} ${id ?? email} : ${DONE[action] ?? action}`),
    `${what}, ${moment(at)}, ${by}`,
  );
}

/** Opens the dialog with the newest changes, and a button for older ones. */
export async function showHistory() {
  const list = h("ol", { class: "history", tabindex: "-1", autofocus: true });
  const older = h("button", { type: "button", class: "secondary" }, "Changements plus anciens");
  let cursor = "";
  const load = async () => {
    /** @type {Answer<{ items: DirectoryLine[], next: string | null }>} */
    const { body } = await get(`/directory/history?limit=50${cursor && `&cursor=${cursor}`}`);
    list.append(...body.items.map(shown));
    cursor = body.next ?? "";
    older.hidden = !cursor;
  };
  await load();
  await ask({
    title: "Historique des changements",
    wide: true,
    content: [
      list.hasChildNodes() ? list : h("p", { class: "quiet-text" }, "Aucun changement depuis un an."),
      pressing(older, load),
    ],
    actions: [["close", "Fermer"]],
  });
}
