import { call, get } from "./api.js";
import { $, $$, announce, counted, h, longDay, plusDays } from "./dom.js";
import { pressing } from "./form.js";
import { label, libraries } from "./picker.js";
import { begin } from "./shell.js";
import { badge, fullName } from "./status.js";

begin(async (account) => {
  pressing($("#new-password"), async () => {
    await call("POST", "/password-resets", { body: { email: account.email }, anonymous: true });
    const sent = h("p", { class: "notice good" }, `Un lien vient d’être envoyé à ${account.email}.`);
    $("#new-password").closest("p")?.replaceWith(sent);
    announce(sent.textContent);
  });
  if (account.role === "patron") await patron();
  else await staff(account);
});

/** @param {Account} account */
async function staff(account) {
  for (const tile of $$(".county")) tile.hidden = account.role !== "county";
  $("#staff").hidden = false;
  /** @type {[Answer<{ items: Count[] }>, Library[]]} */
  const [{ body: counts }, own] = await Promise.all([get("/registrations/counts"), libraries()]);
  const pending = counts.items.find(({ status }) => status === "pending");
  if (pending && pending.count > 0) {
    const least = pending.more ? "plus de " : "";
    $("#waiting").textContent = `${least}${counted(pending.count, "usager")} en attente de validation.`;
    $("#waiting").classList.add("due");
  }
  const list = $("#libraries");
  if (account.role === "county") list.append(h("li", {}, `Toutes : ${counted(own.length, "bibliothèque")} du réseau.`));
  else list.append(...own.map((library) => h("li", {}, label(library))));
}

async function patron() {
  /** @type {[Answer<{ registration: OwnRegistration, access: string[] }>, Answer<{ items: Resource[] }>]} */
  const [{ body: me }, { body: resources }] = await Promise.all([get("/me"), get("/resources")]);
  const { registration, access } = me;
  const place = $("#patron");
  place.hidden = false;
  place.append(
    h("p", { class: "summary" }, h("strong", {}, fullName(registration)), " ", badge(registration.status)),
    h("p", {}, meaning(registration)),
    h("h2", {}, "Mes ressources numériques"),
  );
  const open = resources.items.filter(({ id }) => access.includes(id));
  if (open.length === 0) {
    place.append(h("p", {}, "Aucune ressource n’est ouverte pour le moment."));
    return;
  }
  const item = (/** @type {Resource} */ { name, url }) =>
    h("li", {}, url ? h("a", { href: url, rel: "noopener" }, name) : name);
  place.append(h("ul", { class: "tiles small" }, ...open.map(item)));
}

/** @param {OwnRegistration} registration */
function meaning({ status, expiresOn }) {
  if (status === "pending")
    return "Votre bibliothèque n’a pas encore validé votre inscription. Vous recevrez un e-mail.";
  const last = longDay(plusDays(expiresOn, -1));
  if (status === "active") return `Votre abonnement est valable jusqu’au ${last} inclus.`;
  return `Votre abonnement s’est terminé le ${last}. Passez à votre bibliothèque pour le renouveler.`;
}
