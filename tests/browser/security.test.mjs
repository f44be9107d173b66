// A second factor, confirmation before sensitive changes, and sessions that are listed and ended (requirements S2, S14).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { axe, looked } from "./accessible.mjs";
import { authenticator, fillIn, noted, signInWith, signOut } from "./authenticator.mjs";
import { desk, eventually, focused, loaded, PASSWORD, page, shared, signIn, visit } from "./support.mjs";

const at = await shared(desk());
const app = authenticator(at);

/** @type {import("./support.mjs").Credentials} */
const MARIE = ["marie@fleury.example", PASSWORD];
/** @type {import("./support.mjs").Credentials} */
const COUNTY = ["mdo@oise.example", PASSWORD];
const QUARTER = 16 * 60_000;

/**
 * Adds a librarian with a password.
 * @param {string} email
 * @returns {Promise<import("./support.mjs").Credentials>}
 */
async function librarian(email) {
  const token = await at.signIn(...COUNTY);
  const body = { displayName: "Léa", role: "librarian", libraryIds: ["LI10511"] };
  await at.api("PUT", `/staff/${email}`, { token, body });
  await at.arrive(email);
  return [email, PASSWORD];
}

/**
 * Returns the status with which the service answers a session.
 * @param {string} token
 */
const answered = async (token) => (await at.api("GET", "/me", { token })).status;

/** @param {import("playwright-core").Page} tab */
const tokenIn = (tab) => tab.evaluate(() => JSON.parse(sessionStorage.getItem("session") ?? "{}").token);

test("s2 a second factor is enrolled, and wanted at the next sign-in", async () => {
  const lea = await librarian("lea@fleury.example");
  const tab = await page({ url: at.url, expected: [/401/, /422/] });
  await tab.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(tab, lea);
  await tab.getByRole("link", { name: "Sécurité" }).click();
  await loaded(tab, "**/securite");
  await tab.getByRole("button", { name: "Activer", exact: true }).click();
  await tab.getByRole("img", { name: "Code QR" }).waitFor();
  await looked(tab);
  await tab.getByLabel("Code à six chiffres").fill("000000");
  await tab.getByRole("button", { name: "Vérifier le code" }).click();
  await tab.locator("#code-error").waitFor();
  await looked(tab);
  await tab.getByRole("button", { name: "Annuler" }).click();
  const { secret, codes } = await app.enrol(tab);
  await eventually(() => focused(tab.getByRole("heading", { name: "Vos codes de secours" })), true);
  await looked(tab);
  await tab.getByRole("button", { name: "Copier" }).click();
  await tab.getByText("Les codes sont copiés.").waitFor();
  assert.equal(await tab.evaluate(() => navigator.clipboard.readText()), codes.join("\n"));
  await tab.emulateMedia({ media: "print" });
  assert.equal(await tab.locator("#sessions, .menu, .actions").filter({ visible: true }).count(), 0);
  await tab.emulateMedia({ media: "screen" });
  await noted(tab);
  await tab.getByText("Activée", { exact: true }).waitFor();
  await looked(tab);
  await visit(tab, "/portail/securite");
  assert.ok(!(await tab.content()).includes(codes[0]), "recovery codes are shown once");
  await signOut(tab);

  await fillIn(tab, lea);
  const code = tab.getByLabel("Code de double authentification");
  await eventually(() => focused(code), true);
  assert.equal(await tab.getByLabel("Mot de passe", { exact: true }).inputValue(), PASSWORD, "nothing typed is lost");
  await looked(tab);
  await code.fill("000000");
  await tab.getByRole("button", { name: "Se connecter" }).click();
  await tab.locator("#sign-in .notice.bad").waitFor();
  await code.fill(await app.code(secret));
  await tab.getByRole("button", { name: "Se connecter" }).click();
  await loaded(tab, "**/mon-compte");
  await signOut(tab);
  await signInWith(tab, lea, codes[3]);
  await signOut(tab);

  await fillIn(tab, lea);
  await code.fill(codes[3]);
  await tab.getByRole("button", { name: "Se connecter" }).click();
  await tab.locator("#sign-in .notice.bad").waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("s2 a new phone replaces the old one, and a factor is taken off", async () => {
  const zoe = await librarian("zoe@fleury.example");
  const tab = await page({ url: at.url, expected: [/401/] });
  await signIn(tab, zoe);
  await visit(tab, "/portail/securite");
  const old = await app.enrol(tab);
  await noted(tab);
  const { secret } = await app.enrol(tab, "Remplacer (nouveau téléphone ou nouveaux codes)");
  await noted(tab);
  await signOut(tab);
  await fillIn(tab, zoe);
  const code = tab.getByLabel("Code de double authentification");
  for (const useless of [await app.code(old.secret), old.codes[0]]) {
    await code.fill(useless);
    await tab.getByRole("button", { name: "Se connecter" }).click();
    await tab.locator("#sign-in .notice.bad").waitFor();
  }
  await code.fill(await app.code(secret));
  await tab.getByRole("button", { name: "Se connecter" }).click();
  await loaded(tab, "**/mon-compte");
  await visit(tab, "/portail/securite");
  await tab.getByRole("button", { name: "Retirer" }).click();
  await tab.getByRole("dialog", { name: "Retirer la double authentification ?" }).waitFor();
  await looked(tab);
  await tab.getByRole("dialog").getByRole("button", { name: "Retirer" }).click();
  await tab.getByText("Désactivée", { exact: true }).waitFor();
  await signOut(tab);
  await signIn(tab, zoe);
  assert.deepEqual(tab.troubles, []);
});

test("s2 a sensitive change waits for the password, and nothing is lost", async () => {
  const tab = await page({ url: at.url, expected: [/403/] });
  await signIn(tab, COUNTY);
  await visit(tab, "/portail/bibliotheques");
  await app.later(QUARTER);
  await tab.getByRole("button", { name: "Fleury" }).click();
  const email = tab.getByLabel("Adresse e-mail (facultatif)");
  await email.fill("nouvelle@fleury.example");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  const dialog = tab.getByRole("dialog", { name: "Confirmez que c’est bien vous" });
  await dialog.waitFor();
  await looked(tab);
  await tab.keyboard.press("Escape");
  await tab.getByText("Rien n’a été changé").first().waitFor();
  await eventually(() => email.inputValue(), "nouvelle@fleury.example");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await dialog.getByLabel("Mot de passe").fill("Faux-Mot-de-passe-1");
  await dialog.getByRole("button", { name: "Continuer" }).click();
  await dialog.getByRole("alert").filter({ hasText: /\S/ }).waitFor();
  await looked(tab);
  assert.equal(await dialog.getByLabel("Code de double authentification").isVisible(), false, "no factor, no code");
  await dialog.getByLabel("Mot de passe").fill(PASSWORD);
  await tab.keyboard.press("Enter");
  await tab.getByRole("row", { name: /nouvelle@fleury/ }).waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("s2 the window says when the next try is possible", async () => {
  const tab = await page({ url: at.url, expected: [/403/, /429/] });
  await signIn(tab, await librarian("max@fleury.example"));
  await visit(tab, "/portail/securite");
  await app.later(QUARTER);
  await tab.getByRole("button", { name: "Activer", exact: true }).click();
  const dialog = tab.getByRole("dialog", { name: "Confirmez que c’est bien vous" });
  const send = async (/** @type {string} */ password) => {
    await dialog.getByLabel("Mot de passe").fill(password);
    const answer = tab.waitForResponse(/confirmation$/);
    await dialog.getByRole("button", { name: "Continuer" }).click();
    await answer;
  };
  for (let tries = 0; tries < 6; tries += 1) await send("Faux-Mot-de-passe-1");
  await dialog.getByText("Trop d’essais. Réessayez dans 1 minute.").waitFor();
  await app.later(61_000);
  await send(PASSWORD);
  await tab.getByRole("heading", { name: "3. Tapez le code" }).waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("s2 signing in again in a window wants the code as well", async () => {
  const tab = await page({ url: at.url, expected: [/401/, /422/] });
  await signIn(tab, await librarian("ana@fleury.example"));
  await visit(tab, "/portail/securite");
  const { secret } = await app.enrol(tab);
  await noted(tab);
  await tab.getByText("Activée", { exact: true }).waitFor();
  await visit(tab, "/portail/inscription");
  await tab.getByLabel("Nom", { exact: true }).fill("Gardé");
  await app.later(61 * 60_000);
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  const dialog = tab.getByRole("dialog", { name: "Votre session est terminée" });
  await dialog.getByLabel("Mot de passe").fill(PASSWORD);
  await tab.keyboard.press("Enter");
  const code = dialog.getByLabel("Code de double authentification");
  await eventually(() => focused(code), true);
  await axe(tab);
  await code.fill("12");
  await tab.keyboard.press("Enter");
  await dialog.getByRole("alert").filter({ hasText: "6 chiffres" }).waitFor();
  await code.fill(await app.code(secret));
  await tab.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  assert.equal(await tab.getByLabel("Nom", { exact: true }).inputValue(), "Gardé", "nothing typed is lost");
  assert.deepEqual(tab.troubles, []);
});

test("s2 the county's workbook waits for the password", async () => {
  await at.register();
  const tab = await page({ url: at.url, expected: [/403/] });
  await signIn(tab, COUNTY);
  await visit(tab, "/portail/abonnes");
  await app.later(QUARTER);
  const download = tab.waitForEvent("download");
  await tab.getByRole("button", { name: "Exporter un fichier Excel" }).click();
  const dialog = tab.getByRole("dialog", { name: "Confirmez que c’est bien vous" });
  await dialog.getByLabel("Mot de passe").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Continuer" }).click();
  const file = readFileSync(await (await download).path());
  assert.equal(file.subarray(0, 2).toString(), "PK");
  assert.deepEqual(tab.troubles, []);
});

test("s2 calls that wait for the password share one window", async () => {
  const tab = await page({ url: at.url, expected: [/403/] });
  await signIn(tab, COUNTY);
  await visit(tab, "/portail/bibliotheques");
  await app.later(QUARTER);
  const statuses = tab.evaluate(async () => {
    const { src } = /** @type {HTMLScriptElement} */ (document.querySelector("script[src]"));
    const { call } = (await import(src)).load("./api.js");
    const body = { name: "Médiathèque", town: "Noyon", postalCode: "60400", email: "noyon@oise.example" };
    const puts = ["LI60400", "LI60401"].map((id) => call("PUT", `/libraries/${id}`, { body }));
    return (await Promise.all(puts)).map(({ status }) => status);
  });
  const dialog = tab.getByRole("dialog");
  await dialog.getByLabel("Mot de passe").fill(PASSWORD);
  assert.equal(await dialog.count(), 1);
  await tab.keyboard.press("Enter");
  assert.deepEqual(await statuses, [201, 201]);
  assert.deepEqual(tab.troubles, []);
});

test("s14 signing out in one tab ends the session of each tab", async () => {
  const tab = await page({ url: at.url });
  const other = await tab.context().newPage();
  // Both show the sign-in form before there is a session to take over.
  await visit(tab, "/portail");
  await visit(other, "/portail");
  for (const one of [tab, other]) {
    await fillIn(one, MARIE);
    await loaded(one, "**/mon-compte");
  }
  const tokens = [await tokenIn(tab), await tokenIn(other)];
  assert.notEqual(tokens[0], tokens[1], "each tab has a session of its own");
  await signOut(tab);
  await other.getByRole("heading", { name: "Connexion" }).waitFor();
  for (const token of tokens) await eventually(() => answered(token), 401);
  assert.deepEqual(tab.troubles, []);
});

test("s14 a person sees their sessions and ends all of them", async () => {
  const [email, password] = await librarian("noa@fleury.example");
  const elsewhere = await at.signIn(email, password);
  const tab = await page({ url: at.url });
  await signIn(tab, [email, password]);
  await tab.getByRole("link", { name: "Voir où mon compte est ouvert" }).click();
  await loaded(tab, "**/securite");
  const here = tab.getByRole("row", { name: /cette session/ });
  assert.equal(await here.count(), 1);
  assert.ok((await tab.locator("#open-sessions tbody tr").count()) >= 2);
  const token = await tokenIn(tab);
  await tab.getByRole("button", { name: "Se déconnecter partout" }).click();
  const dialog = tab.getByRole("dialog", { name: "Se déconnecter partout ?" });
  await looked(tab);
  await dialog.getByRole("button", { name: "Se déconnecter partout" }).click();
  await tab.getByRole("heading", { name: "Connexion" }).waitFor();
  for (const one of [token, elsewhere]) assert.equal(await answered(one), 401);
  assert.deepEqual(tab.troubles, []);
});

test("s14 a patron sees their sessions, and no second factor", async () => {
  await at.register({ lastName: "Sobre", email: "sobre@orange.example" });
  await at.arrive("sobre@orange.example");
  const tab = await page({ url: at.url });
  await signIn(tab, ["sobre@orange.example", PASSWORD]);
  await tab.getByRole("link", { name: "Voir où mon compte est ouvert" }).click();
  await loaded(tab, "**/securite");
  await tab.getByRole("row", { name: /cette session/ }).waitFor();
  assert.equal(await tab.locator("#second-factor").isVisible(), false);
  await looked(tab);
  assert.deepEqual(tab.troubles, []);
});
