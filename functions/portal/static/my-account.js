import { call, get } from "./api.js";
import { $, $$, announce, counted, h, lastDay, longDay, mailto } from "./dom.js";
import { pressing } from "./form.js";
import { label, libraries } from "./picker.js";
import { enrolFirst, mustEnrol } from "./reauthentication.js";
import { begin } from "./shell.js";
import { badge, fullName } from "./status.js";

begin(async ({ email }) => {
  pressing($("#new-password"), async () => {
    await call("POST", "/password-resets", { body: { email }, anonymous: true });
    const sent = h("p", { class: "notice good" }, `Un lien vient d’être envoyé à ${email}.`);
    $("#new-password").closest("p")?.replaceWith(sent);
    announce(sent.textContent);
  });
  /** @type {Answer<Me>} */
  const { body: me } = await get("/me");
  if (mustEnrol(me)) await enrolFirst();
  // Staff may be patrons too.
  await Promise.all([
    me.account.roles.some((role) => role !== "patron") && staff(me.account),
    me.registrations.length > 0 && patron(me.registrations),
  ]);
});

/** @param {Account} account */
async function staff({ roles }) {
  const isCounty = roles.includes("county");
  for (const tile of $$(".county")) tile.hidden = !isCounty;
  $("#staff").hidden = false;
  /** @type {[Answer<{ items: Count[] }>, Library[]]} */
  const [{ body: counts }, own] = await Promise.all([get("/registrations/counts"), libraries()]);
  const pending = counts.items.find(({ status }) => status === "pending");
  if (pending && pending.count > 0) {
    const least = pending.more ? "plus de " : "";
    $("#waiting").textContent = `${least}${counted(pending.count, "usager")} en attente de validation.`;
    $("#waiting").classList.add("due");
  }
  const all = `Toutes : ${counted(own.length, "bibliothèque")} du réseau.`;
  const names = isCounty ? [all] : own.map(label);
  $("#libraries").replaceChildren(...names.map((name) => h("li", {}, name)));
}

/** @param {OwnRegistration[]} registrations */
async function patron(registrations) {
  /** @type {Answer<{ items: Resource[] }>} */
  const { body } = await get("/resources");
  const resources = new Map(body.items.map((resource) => [resource.id, resource]));
  $("#patron").replaceChildren(
    h("h2", {}, registrations.length > 1 ? "Les inscriptions de mon foyer" : "Mon inscription"),
    ...registrations.map((registration) => card(registration, resources)),
  );
  $("#patron").hidden = false;
}

/**
 * @param {OwnRegistration} registration
 * @param {Map<string, Resource>} resources
 */
function card(registration, resources) {
  const { library, access } = registration;
  const id = `registration-${registration.id}`;
  const closed = registration.resources.filter((one) => !access.includes(one));
  const closedNames = closed.map((one) => resources.get(one)?.name ?? one).join(", ");
  return h(
    "article",
    { class: "panel", "aria-labelledby": id },
    h("div", { class: "summary" }, h("h3", { id }, fullName(registration)), badge(registration.status)),
    h("p", {}, meaning(registration)),
    h("p", {}, [library.name, library.town].filter(Boolean).join(", "), library.email && " : ", contact(library)),
    ...opened(access.flatMap((one) => resources.get(one) ?? [])),
    closed.length > 0 && h("p", { class: "quiet-text" }, `Choisies, mais pas ouvertes : ${closedNames}.`),
  );
}

/** @param {OwnRegistration["library"]} library */
const contact = ({ email }) => email && h("a", { href: mailto(email) }, email);

/** @param {Resource[]} resources */
function opened(resources) {
  if (resources.length === 0) return [h("p", {}, "Aucune ressource n’est ouverte pour le moment.")];
  const item = (/** @type {Resource} */ { name, url }) =>
    h("li", {}, url ? h("a", { href: url, rel: "noopener" }, name) : name);
  return [h("p", {}, "Ressources ouvertes :"), h("ul", { class: "tiles small" }, ...resources.map(item))];
}

/** @param {OwnRegistration} registration */
function meaning({ status, registeredOn, expiresOn }) {
  const registered = `Inscription du ${longDay(registeredOn)}.`;
  if (status === "pending") return `${registered} La bibliothèque ne l’a pas encore validée. Vous recevrez un e-mail.`;
  const last = longDay(lastDay(expiresOn));
  if (status === "active") return `${registered} L’abonnement est valable jusqu’au ${last} inclus.`;
  return `${registered} L’abonnement s’est terminé le ${last}. Passez à la bibliothèque pour le renouveler.`;
}
