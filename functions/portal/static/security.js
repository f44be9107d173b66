// "Sécurité de mon compte": the second factor of staff, and the open sessions of everybody.

import { call, get } from "./api.js";
import { confirmed } from "./dialog.js";
import { $, h, moment } from "./dom.js";
import { pressing } from "./form.js";
import { onward } from "./onward.js";
import { mustEnrol } from "./reauthentication.js";
import { secondFactor } from "./second-factor.js";
import * as session from "./session.js";
import { begin } from "./shell.js";

begin(async () => {
  /** @type {Answer<Me>} */
  const { body: me } = await get("/me");
  const factor = me.secondFactor ?? { enrolled: false, required: false };
  if (mustEnrol(me)) {
    // The other pages are refused until then.
    $(".menu").hidden = true;
    secondFactor(factor, me.account, () => location.replace(onward(location.search, location.origin)));
    return;
  }
  const isStaff = me.account.roles.some((role) => role !== "patron");
  // Enrolling and removing end the other sessions.
  if (isStaff) secondFactor(factor, me.account, showSessions);
  pressing($("#everywhere"), endAll);
  await showSessions();
});

async function showSessions() {
  /** @type {Answer<{ items: OpenSession[] }>} */
  const { body } = await get("/sessions");
  const head = ["Ouverte", "Dernière activité"].map((title) => h("th", { scope: "col" }, title));
  const row = (/** @type {OpenSession} */ { openedAt, lastUsedAt, current }) =>
    h(
      "tr",
      {},
      h("td", { "data-name": "Ouverte" }, moment(openedAt), current && h("strong", {}, " – cette session")),
      h("td", { "data-name": "Dernière activité" }, moment(lastUsedAt)),
    );
  $("#open-sessions").replaceChildren(
    h("table", { class: "list" }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...body.items.map(row))),
  );
  $("#sessions").hidden = false;
}

async function endAll() {
  const sure = await confirmed(
    "Se déconnecter partout ?",
    "Toutes les connexions à votre compte prennent fin, celle-ci aussi. Ce qui n’est pas enregistré ailleurs est perdu.",
    "Se déconnecter partout",
  );
  if (!sure) return;
  await call("DELETE", "/sessions");
  session.close();
  location.assign("/portail");
}
