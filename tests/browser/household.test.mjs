// Households: several persons with one e-mail address, and staff who are patrons (rules, section 7).

import assert from "node:assert/strict";
import { test } from "node:test";

import { axe, looked } from "./accessible.mjs";
import { desk, eventually, focused, loaded, PASSWORD, page, shared, signIn, visit } from "./support.mjs";

const at = await shared(desk());

/** @type {import("./support.mjs").Credentials} */
const MARIE = ["marie@fleury.example", PASSWORD];
const QUESTION = { name: "Est-ce une personne du même foyer ?" };

/** @param {{ lastName: string, firstName: string, email: string }} person */
const registered = ({ lastName, firstName, email }) =>
  at.register({ lastName, firstName, email, birthDate: "2015-03-04" });

/** Opens a page as the librarian of Fleury. Refusals are part of the tests. */
async function atTheDesk() {
  const tab = await page({ url: at.url, expected: [/409/] });
  await signIn(tab, MARIE);
  return tab;
}

/**
 * Fills in the form of a new patron, and sends it.
 * @param {import("./support.mjs").Tab} tab
 * @param {{ lastName: string, firstName: string, email: string, password?: string }} person
 */
async function register(tab, { lastName, firstName, email, password = "" }) {
  await visit(tab, "/portail/inscription");
  await tab.getByLabel("Nom", { exact: true }).fill(lastName);
  await tab.getByLabel("Prénom").fill(firstName);
  await tab.getByLabel("Date de naissance").fill("2015-03-04");
  await tab.getByLabel("Adresse e-mail").fill(email);
  await tab.getByLabel("Mot de passe provisoire").first().fill(password);
  await tab.getByLabel("MusicMe").check();
  await tab.getByRole("button", { name: "Enregistrer" }).click();
}

/**
 * Returns the members that the librarian of Fleury sees in the household of a registration.
 * @param {string} id
 * @returns {Promise<string[]>}
 */
async function household(id) {
  const { body } = await at.api("GET", `/registrations/${id}`, { token: await at.signIn(MARIE[0]) });
  return (body.household ?? []).map((/** @type {{ firstName: string }} */ { firstName }) => firstName);
}

test("section 7 a second member is registered by the question", async () => {
  const email = "famille.morel@orange.example";
  const zoe = await registered({ lastName: "Morel", firstName: "Zoé", email });
  const tab = await atTheDesk();
  const { body: before } = await at.api("GET", "/registrations", { token: at.marie });
  await register(tab, { lastName: "Morel", firstName: "Léo", email, password: "Cactus+Lanterne-8" });
  const dialog = tab.getByRole("dialog", QUESTION);
  await dialog.getByText("Chaque adulte du foyer doit être d’accord.").waitFor();
  await axe(tab);
  await dialog.getByRole("button", { name: "Non" }).click();
  await dialog.waitFor({ state: "detached" });
  await loaded(tab);
  await eventually(() => focused(tab.getByLabel("Adresse e-mail")), true, "the address can be corrected at once");
  assert.equal(await tab.getByLabel("Prénom").inputValue(), "Léo");
  assert.equal(await tab.getByLabel("MusicMe").isChecked(), true);
  const { body: after } = await at.api("GET", "/registrations", { token: at.marie });
  assert.equal(after.items.length, before.items.length, "nothing was registered");

  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await dialog.getByRole("button", { name: "Oui, même foyer" }).click();
  await tab.getByRole("heading", { name: "MOREL Léo est inscrit" }).waitFor();
  await tab.getByText("Cette adresse e-mail avait déjà un compte : il garde son mot de passe.").waitFor();
  await looked(tab);
  assert.deepEqual(await household(zoe.id), ["Léo"]);

  await tab.getByRole("link", { name: "Vérifier la fiche" }).click();
  await loaded(tab, "**/abonne?id=*");
  const members = tab.getByRole("region", { name: "Même foyer" });
  await looked(tab);
  await members.getByRole("link", { name: "MOREL Zoé" }).click();
  await tab.getByRole("heading", { name: "MOREL Zoé" }).waitFor();
  await loaded(tab);
  await members.getByRole("link", { name: "MOREL Léo" }).waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("section 7 a lost answer asks nothing a second time", async () => {
  const email = "famille.perdue@orange.example";
  const first = await registered({ lastName: "Perdue", firstName: "Zoé", email });
  const tab = await page({ url: at.url, expected: [/409/, /ERR_/] });
  await signIn(tab, MARIE);
  await register(tab, { lastName: "Perdue", firstName: "Léo", email });
  const dialog = tab.getByRole("dialog", QUESTION);
  await dialog.waitFor();
  await tab.route("**/registrations", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  });
  await dialog.getByRole("button", { name: "Oui, même foyer" }).click();
  await tab.getByText("Le service ne répond pas.").first().waitFor();
  await tab.unroute("**/registrations");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab.getByRole("heading", { name: "PERDUE Léo est inscrit" }).waitFor();
  assert.deepEqual(await household(first.id), ["Léo"]);
  assert.deepEqual(tab.troubles, []);
});

test("section 7 an address is corrected into a household", async () => {
  const email = "famille.petit@orange.example";
  const zoe = await registered({ lastName: "Petit", firstName: "Zoé", email });
  const leo = await registered({ lastName: "Petit", firstName: "Léo", email: "leo.petit@orange.example" });
  const tab = await atTheDesk();
  await visit(tab, `/portail/abonne?id=${leo.id}`);
  await tab.getByLabel("Adresse e-mail").fill(email);
  await tab.getByLabel("Téléphone").fill("06 12 34 56 78");
  await tab.getByRole("tab", { name: "Ressources" }).click();
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  const dialog = tab.getByRole("dialog", QUESTION);
  await dialog.getByRole("button", { name: "Non" }).click();
  await tab.getByText("Modifications non enregistrées").waitFor();
  await loaded(tab);
  await eventually(() => focused(tab.getByLabel("Adresse e-mail")), true, "its tab is open again");
  assert.deepEqual(await household(zoe.id), []);

  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await dialog.getByRole("button", { name: "Oui, même foyer" }).click();
  await tab.getByText("Enregistré", { exact: true }).waitFor();
  await tab.getByText("Le mot de passe de l’ancienne adresse n’a pas suivi").waitFor();
  await tab.getByRole("region", { name: "Même foyer" }).getByRole("link", { name: "PETIT Zoé" }).waitFor();
  await looked(tab);
  assert.deepEqual(await household(zoe.id), ["Léo"]);
  assert.deepEqual(tab.troubles, []);
});

test("hh1 a name corrected to another member's is refused, with a link", async () => {
  const email = "famille.double@orange.example";
  const zoe = await registered({ lastName: "Double", firstName: "Zoé", email });
  const tab = await atTheDesk();
  await register(tab, { lastName: "Double", firstName: "Léo", email });
  await tab.getByRole("dialog", QUESTION).getByRole("button", { name: "Oui, même foyer" }).click();
  await tab.getByRole("link", { name: "Vérifier la fiche" }).click();
  await loaded(tab, "**/abonne?id=*");
  await tab.getByLabel("Prénom").fill("ZOE");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  const link = tab.locator(".notice.error").getByRole("link", { name: "Ouvrir la fiche" });
  assert.equal(await link.getAttribute("href"), `/portail/abonne?id=${zoe.id}`);
  await looked(tab);
  assert.deepEqual(tab.troubles, []);
});

test("hh2 a member of another library is not named, and has no link", async () => {
  const email = "famille.ailleurs@orange.example";
  const person = { lastName: "Ailleurs", firstName: "Zoé", birthDate: "2015-03-04", email };
  const library = { name: "Médiathèque", town: "Auneuil", postalCode: "60390" };
  await at.api("PUT", "/libraries/LI1", { token: at.county, body: library });
  const body = { ...person, resources: ["musicme"], libraryId: "LI1" };
  assert.equal((await at.api("POST", "/registrations", { token: at.county, body })).status, 201);
  const tab = await atTheDesk();
  await register(tab, person);
  await tab.getByRole("dialog", QUESTION).getByRole("button", { name: "Oui, même foyer" }).click();
  const refused = tab.locator(".notice.error", { hasText: "dans une autre bibliothèque" });
  await refused.getByText(/La MDO peut déplacer une inscription/).waitFor();
  assert.equal(await refused.getByRole("link").count(), 0);

  await tab.getByLabel("Prénom").fill("Léo");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab.getByRole("link", { name: "Vérifier la fiche" }).click();
  await loaded(tab, "**/abonne?id=*");
  assert.equal(await tab.getByRole("region", { name: "Même foyer" }).count(), 0);
  assert.deepEqual(tab.troubles, []);
});

test("section 7 a full household is reported beside the address", async () => {
  const email = "famille.nombreuse@orange.example";
  for (let n = 0; n < 60; n += 1)
    await at.register({ lastName: "Nombreuse", firstName: `Enfant${n}`, email, household: true });
  const tab = await atTheDesk();
  await register(tab, { lastName: "Nombreuse", firstName: "Zoé", email });
  await tab.getByRole("dialog", QUESTION).getByRole("button", { name: "Oui, même foyer" }).click();
  await tab.locator("#email-error", { hasText: "60 inscriptions" }).waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("section 7 « Mon compte » shows each member of a family", async () => {
  const email = "famille.roux@orange.example";
  const zoe = await registered({ lastName: "Roux", firstName: "Zoé", email });
  const desk = await atTheDesk();
  await register(desk, { lastName: "Roux", firstName: "Léo", email });
  await desk.getByRole("dialog", QUESTION).getByRole("button", { name: "Oui, même foyer" }).click();
  await desk.getByRole("heading", { name: "ROUX Léo est inscrit" }).waitFor();
  await at.api("POST", `/registrations/${zoe.id}/activation`, { token: at.marie });
  await at.arrive(email);

  const tab = await page({ url: at.url });
  await signIn(tab, [email, PASSWORD]);
  await tab.getByRole("heading", { name: "Les inscriptions de mon foyer" }).waitFor();
  await eventually(() => tab.locator("#who").innerText(), email);
  const [first, second] = ["ROUX Zoé", "ROUX Léo"].map((name) => tab.getByRole("article", { name }));
  await first.getByText("L’abonnement est valable jusqu’au 23 novembre 2027 inclus.").waitFor();
  await first.getByText("Bibliothèque municipale, Fleury").waitFor();
  await first.getByRole("link", { name: "MusicMe" }).waitFor();
  await second.getByText("La bibliothèque ne l’a pas encore validée.").waitFor();
  await second.getByText("Choisies, mais pas ouvertes : MusicMe.").waitFor();
  assert.equal(await second.getByRole("link", { name: "MusicMe" }).count(), 0);
  assert.equal(await tab.getByRole("link", { name: /abonnés/ }).count(), 0);
  await looked(tab);
  assert.deepEqual(tab.troubles, []);
});

test("hh4 a librarian who is a patron sees both", async () => {
  const tab = await atTheDesk();
  await register(tab, { lastName: "Fleury", firstName: "Marie", email: MARIE[0] });
  await tab.getByRole("dialog", QUESTION).getByRole("button", { name: "Oui, même foyer" }).click();
  await tab.getByRole("button", { name: "Activer maintenant" }).click();
  await tab.getByText(/L’abonnement est ouvert/).waitFor();

  const own = await page({ url: at.url });
  await signIn(own, MARIE);
  await own.getByRole("article", { name: "FLEURY Marie" }).getByRole("link", { name: "MusicMe" }).waitFor();
  await own.getByRole("heading", { name: "Mon inscription" }).waitFor();
  await own.getByText("Fleury (60240), Bibliothèque municipale").waitFor();
  await looked(own);
  await own.getByRole("link", { name: "Mes abonnés numériques" }).click();
  await loaded(own, "**/abonnes");
  await own.getByRole("link", { name: /FLEURY/ }).waitFor();
  assert.deepEqual([...tab.troubles, ...own.troubles], []);
});
