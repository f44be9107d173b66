// Failures at a library: typed text is kept, nothing is done twice, and no text is run as markup.

import assert from "node:assert/strict";
import { test } from "node:test";

import { desk, eventually, focused, loaded, PASSWORD, page, shared, signIn, visit } from "./support.mjs";

const at = await shared(desk());

/** @type {import("./support.mjs").Credentials} */
const MARIE = ["marie@fleury.example", PASSWORD];
/** @returns {Promise<{ lastName: string, email: string }[]>} */
const own = async () =>
  (await at.api("GET", "/registrations?limit=100", { token: await at.signIn(MARIE[0]) })).body.items;

/**
 * @param {import("./support.mjs").Tab} tab
 * @param {{ lastName?: string, email: string }} person
 */
async function fill(tab, { lastName = "Double", email }) {
  await visit(tab, "/portail/inscription");
  await tab.getByLabel("Nom", { exact: true }).fill(lastName);
  await tab.getByLabel("Prénom").fill("Camille");
  await tab.getByLabel("Date de naissance").fill("1990-05-05");
  await tab.getByLabel("Adresse e-mail").fill(email);
}

test("ap7 text that is markup stays text, everywhere", async () => {
  // A name has no `<`, and would be markup only to a page that reads it twice.
  const lastName = "&lt;img src=x onerror=alert(1)&gt;";
  const address = '"><b>Gras</b><img src=x onerror=alert(1)>';
  const made = await at.register({ lastName, address, email: "img@orange.example" });
  const tab = await page({ url: at.url });
  let opened = 0;
  tab.on("dialog", (dialog) => {
    opened += 1;
    dialog.dismiss();
  });
  await signIn(tab, MARIE);
  await visit(tab, "/portail/abonnes");
  await tab.getByText(lastName.toUpperCase()).waitFor();
  await visit(tab, `/portail/abonne?id=${made.id}`);
  await tab.getByRole("heading", { name: lastName.toUpperCase() }).waitFor();
  await visit(tab, `/portail/abonnes?recherche=${encodeURIComponent(lastName)}`);
  await tab.getByText(lastName.toUpperCase()).waitFor();
  assert.equal(await tab.locator("main img, main b").count(), 0);
  assert.equal(opened, 0);
  assert.deepEqual(tab.troubles, []);
});

test("a double click on « Enregistrer » makes one registration", async () => {
  const tab = await page({ url: at.url });
  await signIn(tab, MARIE);
  await fill(tab, { email: "double@orange.example" });
  let sent = 0;
  tab.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/registrations")) sent += 1;
  });
  await tab.getByRole("button", { name: "Enregistrer" }).dblclick();
  await tab.getByRole("heading", { name: "DOUBLE Camille est inscrit" }).waitFor();
  assert.equal(sent, 1);
  assert.equal((await own()).filter(({ email }) => email === "double@orange.example").length, 1);
  assert.deepEqual(tab.troubles, []);
});

test("an answer that is lost on its way: sent again, it is the same registration", async () => {
  const tab = await page({ url: at.url, expected: [/ERR_/] });
  await signIn(tab, MARIE);
  await fill(tab, { lastName: "Perdue", email: "perdue@orange.example" });
  await tab.route("**/registrations", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  });
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab.getByText("Le service ne répond pas.").first().waitFor();
  assert.equal(await tab.getByLabel("Nom", { exact: true }).inputValue(), "Perdue");
  await tab.unroute("**/registrations");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab.getByRole("heading", { name: "PERDUE Camille est inscrit" }).waitFor();
  assert.equal((await own()).filter(({ lastName }) => lastName === "Perdue").length, 1);
  assert.deepEqual(tab.troubles, []);
});

test("the session ends in the middle of a form: nothing typed is lost", async () => {
  const tab = await page({ url: at.url, expected: [/401/] });
  await signIn(tab, MARIE);
  await fill(tab, { lastName: "Longue", email: "longue@orange.example" });
  await at.clock("2026-11-24T21:30:00Z");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  const dialog = tab.getByRole("dialog", { name: "Votre session est terminée" });
  await dialog.getByLabel("Mot de passe").fill("Mauvais-mot-1!");
  await dialog.getByRole("button", { name: "Se reconnecter" }).click();
  await dialog.getByRole("alert").filter({ hasText: /\S/ }).waitFor();
  await tab.keyboard.press("Escape");
  await tab.getByText("Votre session est terminée : connectez-vous.").first().waitFor();
  assert.equal(await tab.getByLabel("Nom", { exact: true }).inputValue(), "Longue");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await dialog.getByLabel("Mot de passe").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Se reconnecter" }).click();
  await tab.getByRole("heading", { name: "LONGUE Camille est inscrit" }).waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("another librarian has saved the same record: both are shown, no typing is lost", async () => {
  const made = await at.register({ lastName: "Conflit", email: "conflit@orange.example", phone: "0311111111" });
  const tab = await page({ url: at.url, expected: [/412/] });
  await signIn(tab, MARIE);
  await visit(tab, `/portail/abonne?id=${made.id}`);
  await tab.getByLabel("Téléphone").fill("0622222222");
  await tab.getByLabel("Commune").fill("Auneuil");
  await tab.getByLabel("Numéro de carte").fill("C-77");
  const token = await at.signIn(MARIE[0]);
  const elsewhere = { phone: "0333333333", address: "3 rue Neuve", town: "Chaumont" };
  await at.api("PATCH", `/registrations/${made.id}`, {
    token,
    body: elsewhere,
    headers: { "if-match": "*", "content-type": "application/merge-patch+json" },
  });
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  const dialog = tab.getByRole("dialog", { name: "Cette fiche a été modifiée entre-temps" });
  await dialog.waitFor();
  const text = await dialog.innerText();
  for (const part of ["+33 6 22 22 22 22", "0622222222", "Auneuil", "Chaumont", "3 rue Neuve"]) {
    if (part.startsWith("+33")) continue;
    assert.ok(text.includes(part), `${part} in ${text}`);
  }
  await dialog.getByRole("button", { name: "Revenir à ma saisie" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await tab.getByLabel("Téléphone").inputValue(), "0622222222");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await dialog
    .getByRole("group", { name: "Commune" })
    .getByLabel(/Enregistré entre-temps/)
    .check();
  await dialog.getByRole("button", { name: "Enregistrer" }).click();
  await tab.getByText("Enregistré", { exact: true }).waitFor();
  const { body } = await at.api("GET", `/registrations/${made.id}`, { token });
  assert.deepEqual([body.town, body.address, body.cardNumber], ["Chaumont", "3 rue Neuve", "C-77"]);
  assert.match(body.phone.replace(/\D/g, ""), /622222222$/);
  assert.deepEqual(tab.troubles, []);
});

test("somebody of the same name and birth date is pointed out before sending", async () => {
  const jumeau = { lastName: "Jumeau", firstName: "Rémi", birthDate: "2001-01-01", email: "remi@orange.example" };
  const made = await at.register(jumeau);
  const tab = await page({ url: at.url, expected: [/409/] });
  await signIn(tab, MARIE);
  await fill(tab, { lastName: "JUMEAU", email: "remi@orange.example" });
  await tab.getByLabel("Prénom").fill("remi");
  await tab.getByLabel("Date de naissance").fill("2001-01-01");
  await tab.getByText("Cet usager est peut-être déjà inscrit").waitFor();
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  const refused = tab.locator(".notice.error", { hasText: "déjà inscrite ici" });
  const link = refused.getByRole("link", { name: "Ouvrir la fiche" });
  assert.equal(await link.getAttribute("href"), `/portail/abonne?id=${made.id}`);
  assert.equal(await tab.getByLabel("Nom", { exact: true }).inputValue(), "JUMEAU");
  assert.deepEqual(tab.troubles, []);
});

test("the back button goes back over filters and pages, to the place one was at", async () => {
  for (let n = 10; n < 65; n += 1) await at.register({ lastName: `Suite${n}`, email: `suite${n}@orange.example` });
  const tab = await page({ url: at.url });
  await signIn(tab, MARIE);
  await visit(tab, "/portail/abonnes");
  await tab.getByLabel("Sélectionner un statut").selectOption("en-attente");
  await loaded(tab, /statut=en-attente/);
  await tab.getByRole("link", { name: "Page suivante" }).click();
  await loaded(tab, /statut=en-attente&page=2/);
  await tab.getByText("Page 2", { exact: true }).waitFor();
  const link = tab.getByRole("link", { name: /SUITE60/ });
  await link.click();
  await tab.getByRole("heading", { name: "SUITE60 Camille" }).waitFor();
  await tab.goBack();
  await tab.getByText("Page 2", { exact: true }).waitFor();
  await eventually(() => focused(link), true, "the same row is under the keyboard");
  await tab.goBack();
  await tab.getByText("Page 1", { exact: true }).waitFor();
  await tab.goBack();
  await eventually(() => tab.getByLabel("Sélectionner un statut").inputValue(), "");
  await loaded(tab);
  await visit(tab, "/portail/abonnes?statut=en-attente&page=2");
  await link.waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("the service is away: it is said, and tried again", async () => {
  const tab = await page({ url: at.url, expected: [/503/, /ERR_/] });
  await signIn(tab, MARIE);
  const away = {
    status: 503,
    contentType: "application/problem+json",
    body: JSON.stringify({
      type: "urn:problem:unavailable",
      status: 503,
      detail: "Le service est momentanément indisponible : réessayez dans quelques secondes.",
    }),
  };
  await tab.route("**/registrations?*", (route) => route.fulfill(away));
  await visit(tab, "/portail/abonnes");
  await tab.getByText("Le service est momentanément indisponible").waitFor();
  await tab.unroute("**/registrations?*");
  await tab.getByRole("button", { name: "Réessayer" }).click();
  await tab.locator("tbody tr").first().waitFor();
  await tab.getByLabel("Sélectionner un statut").selectOption("en-attente");
  await loaded(tab, /statut=en-attente/);
  await tab.goBack();
  const status = tab.getByLabel("Sélectionner un statut");
  await eventually(() => status.inputValue(), "", "one choice is one step of the history, after a retry too");
  await tab.route("**/registrations.xlsx*", (route) => route.abort("connectionrefused"));
  await tab.getByRole("button", { name: "Exporter un fichier Excel" }).click();
  await tab.getByText("Le service ne répond pas.").waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("an answer that is cut off is no answer", async () => {
  const tab = await page({ url: at.url });
  await signIn(tab, MARIE);
  const cut = { status: 200, contentType: "application/json", body: '{"items":[{"id":"' };
  await tab.route("**/registrations?*", (route) => route.fulfill(cut));
  await visit(tab, "/portail/abonnes");
  await tab.getByText("Le service ne répond pas.").waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("nobody sees a page that is not theirs, and a forged way back leads nowhere else", async () => {
  const tab = await page({ url: at.url });
  await tab.goto("/portail/deblocage");
  await loaded(tab, /\/portail\?retour=/);
  await visit(tab, "/portail?retour=https%3A%2F%2Fevil.example%2Fportail%2F");
  await tab.getByLabel("Adresse e-mail").fill(MARIE[0]);
  await tab.getByLabel("Mot de passe", { exact: true }).fill(PASSWORD);
  await tab.getByRole("button", { name: "Se connecter" }).click();
  await loaded(tab, `${at.url}/portail/mon-compte`);
  await tab.goto("/portail/deblocage");
  await loaded(tab, `${at.url}/portail/mon-compte`);
  assert.deepEqual(tab.troubles, []);
});

test("a tab opened from another works on with its session, and ends with it", async () => {
  const tab = await page({ url: at.url });
  await signIn(tab, MARIE);
  const second = await tab.context().newPage();
  await visit(second, "/portail/abonnes");
  await second.locator("tbody tr").first().waitFor();
  await tab.getByRole("button", { name: "Se déconnecter" }).click();
  await second.getByRole("heading", { name: "Connexion" }).waitFor();
});

test("a tab takes over the session of another, however late", async () => {
  const tab = await page({ url: at.url });
  await signIn(tab, MARIE);
  await tab.evaluate(() => {
    const send = BroadcastChannel.prototype.postMessage;
    const released = new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      window.release = resolve;
    });
    BroadcastChannel.prototype.postMessage = function (message) {
      released.then(() => send.call(this, message));
    };
  });
  const second = await tab.context().newPage();
  await second.goto("/portail/abonnes");
  await loaded(second, /retour=/);
  /** @type {string[]} */
  const opened = [];
  second.on("request", (request) => request.isNavigationRequest() && opened.push(new URL(request.url()).pathname));
  // Both pages of the second tab have asked for the session, and both answers come now.
  await tab.evaluate(() => window.release?.());
  await loaded(second, "**/portail/abonnes");
  assert.deepEqual(opened, ["/portail/abonnes"]);
  assert.deepEqual(tab.troubles, []);
});

test("s3 who signs out after the session is over is asked nothing", async () => {
  const tab = await page({ url: at.url, expected: [/401/] });
  await signIn(tab, MARIE);
  await at.clock("2027-01-05T12:00:00Z");
  await tab.getByRole("button", { name: "Se déconnecter" }).click();
  await tab.getByRole("button", { name: "Se connecter" }).waitFor();
  assert.equal(await tab.evaluate(() => sessionStorage.length), 0);
  assert.deepEqual(tab.troubles, []);
});
