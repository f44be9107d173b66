// The life of a county account where it must have a second factor: invited, enrolled, phone lost, recovered by a
// colleague, left alone (requirement S2).

import assert from "node:assert/strict";
import { test } from "node:test";

import { looked } from "./accessible.mjs";
import { authenticator, fillIn, noted, signInWith, signOut } from "./authenticator.mjs";
import { loaded, PASSWORD, page, shared, startDesk, visit } from "./support.mjs";

const at = await shared(startDesk({ parameters: ["CountySecondFactor=Required"] }));
const app = authenticator(at);

/** @type {import("./support.mjs").Credentials} */
const MDO = ["mdo@oise.example", PASSWORD];
/** @type {import("./support.mjs").Credentials} */
const ANNE = ["anne@oise.example", PASSWORD];

/**
 * Chooses a password by a mailed link, and signs in.
 * @param {import("./support.mjs").Credentials} credentials
 */
async function arrive(credentials) {
  const [email, password] = credentials;
  const tab = await page({ url: at.url, expected: [/401/, /403/] });
  await at.api("POST", "/password-resets", { body: { email } });
  await visit(tab, await at.link(email));
  await tab.getByLabel("Nouveau mot de passe").fill(password);
  await tab.getByRole("button", { name: "Choisir ce mot de passe" }).click();
  await tab.getByRole("link", { name: "Se connecter" }).click();
  await loaded(tab, "**/portail");
  await fillIn(tab, credentials);
  await loaded(tab, "**/securite?retour=*");
  return tab;
}

/**
 * Opens an entry of the staff's page.
 * @param {import("./support.mjs").Tab} tab
 * @param {string} name
 */
async function entry(tab, name) {
  await visit(tab, "/portail/equipe");
  await tab.getByRole("button", { name, exact: true }).click();
  return tab.getByRole("dialog", { name });
}

test("s2 a county account is invited, enrolled, recovered, and left alone", async () => {
  const mdo = await arrive(MDO);
  await looked(mdo);
  await visit(mdo, "/portail/donnees-personnelles");
  await mdo.goto("/portail/equipe");
  await loaded(mdo, "**/securite?retour=*");
  await mdo.getByText("est obligatoire").waitFor();
  assert.equal(await mdo.locator(".menu, #sessions").filter({ visible: true }).count(), 0, "nothing else is shown");
  const { codes } = await app.enrol(mdo);
  await noted(mdo);
  await loaded(mdo, "**/equipe");

  await mdo.getByRole("button", { name: "Ajouter un compte" }).click();
  await mdo.getByLabel("Adresse e-mail").fill(ANNE[0]);
  await mdo.getByLabel("Nom affiché").fill("Anne");
  await mdo.getByLabel("MDO").check();
  await mdo.getByRole("button", { name: "Enregistrer" }).click();
  await mdo.getByRole("row", { name: /anne@oise/ }).waitFor();
  const anne = await arrive(ANNE);
  await app.enrol(anne);
  await noted(anne);
  await loaded(anne, "**/mon-compte");
  await visit(anne, "/portail/securite");
  assert.equal(await anne.getByRole("button", { name: "Retirer" }).count(), 0, "the county keeps its factor");
  await signOut(anne);

  await fillIn(anne, ANNE);
  await anne.getByLabel("Code de double authentification").waitFor();
  const dialog = await entry(mdo, "Anne");
  await dialog.getByRole("button", { name: "Retirer la double authentification" }).click();
  const question = mdo.getByRole("dialog", { name: "Retirer la double authentification du compte « Anne » ?" });
  await looked(mdo);
  await question.getByRole("button", { name: "Retirer la double authentification" }).click();
  await dialog.waitFor({ state: "detached" });
  await visit(anne, "/portail");
  await fillIn(anne, ANNE);
  await loaded(anne, "**/securite?retour=*");
  await app.enrol(anne);
  await noted(anne);
  await loaded(anne, "**/mon-compte");

  const again = await entry(mdo, "Anne");
  await again.getByRole("button", { name: "Mettre fin à ses sessions" }).click();
  await mdo
    .getByRole("dialog", { name: "Mettre fin aux sessions du compte « Anne » ?" })
    .getByRole("button", { name: "Mettre fin aux sessions" })
    .click();
  await again.waitFor({ state: "detached" });
  await anne.goto("/portail/abonnes");
  await anne.getByRole("dialog", { name: "Votre session est terminée" }).waitFor();

  const own = await entry(mdo, "Médiathèque départementale");
  assert.equal(await own.getByRole("button", { name: /sessions|double/ }).count(), 0, "not for oneself");
  await mdo.keyboard.press("Escape");
  await signOut(mdo);
  await signInWith(mdo, MDO, codes[0]);
  for (const tab of [mdo, anne]) assert.deepEqual(tab.troubles, []);
});
