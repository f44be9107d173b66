// Accessibility of each page and each window (requirements AC1): no axe-core violation, usable at 320 px and with text
// twice as large, and the landmarks and headings for finding one's way.

import assert from "node:assert/strict";
import { test } from "node:test";

import { looked } from "./accessible.mjs";
import { DEMO, loaded, PASSWORD, page, shared, signIn, startDesk, visit } from "./support.mjs";

const at = await shared(startDesk({ demo: true }));

const OPEN = [
  "",
  "mot-de-passe-oublie",
  "choisir-mon-mot-de-passe",
  "donnees-personnelles",
  "accessibilite",
  "nulle-part",
];
const STAFF = [
  "mon-compte",
  "securite",
  "inscription",
  "abonnes",
  "abonnes?statut=en-attente&recherche=personne-de-ce-nom",
];
const COUNTY = [
  "mon-compte",
  "securite",
  "inscription",
  "abonnes",
  "deblocage",
  "bibliotheques",
  "ressources",
  "equipe",
];

/**
 * @param {import("./support.mjs").Tab} tab
 * @param {string[]} paths
 */
async function each(tab, paths) {
  const titles = new Set();
  for (const path of paths) {
    await visit(tab, `/portail/${path}`);
    titles.add(await looked(tab));
  }
  return titles;
}

test("ac1 pages for everyone", async () => {
  const tab = await page({ url: at.url, expected: [/404/] });
  const titles = await each(tab, OPEN);
  assert.equal(titles.size, OPEN.length, "each page has a title of its own");
  await each(tab, [`choisir-mon-mot-de-passe#${"x".repeat(43)}`]);
  await tab.getByLabel("Nouveau mot de passe").fill(PASSWORD);
  await tab.getByRole("button", { name: "Choisir ce mot de passe" }).click();
  await tab.getByRole("heading", { name: "Ce lien ne sert plus" }).waitFor();
  await looked(tab);
  assert.deepEqual(tab.troubles, []);
});

test("ac1 pages for librarians, with faults shown and windows open", async () => {
  const tab = await page({ url: at.url, expected: [/422/, /404/] });
  await signIn(tab, DEMO.beauvais);
  await each(tab, STAFF);
  await visit(tab, "/portail/inscription");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab.locator("#lastName-error").waitFor();
  const name = tab.getByLabel("Nom", { exact: true });
  assert.equal(await name.getAttribute("aria-invalid"), "true");
  assert.match((await name.getAttribute("aria-describedby")) ?? "", /lastName-error/);
  await looked(tab);
  tab.on("dialog", (dialog) => dialog.accept());
  await visit(tab, "/portail/abonnes?statut=en-attente");
  await tab.locator("tbody a").first().click();
  await loaded(tab, "**/abonne?id=*");
  await looked(tab);
  for (const name of ["Statut", "Ressources"]) {
    await tab.getByRole("tab", { name }).click();
    await looked(tab);
  }
  await tab.getByRole("tab", { name: "Statut" }).click();
  await tab.getByText("Données personnelles", { exact: true }).first().click();
  await tab
    .getByRole("button", { name: /^(Activer|Renouveler)$/ })
    .first()
    .click();
  await tab.getByRole("dialog").waitFor();
  await looked(tab);
  await tab.keyboard.press("Escape");
  await tab.getByRole("button", { name: "Effacer cet usager" }).click();
  await tab.getByRole("dialog", { name: "Effacer cet usager ?" }).waitFor();
  await looked(tab);
  assert.deepEqual(tab.troubles, []);
});

test("ac1 pages for the county, with windows and lists open", async () => {
  const tab = await page({ url: at.url });
  await signIn(tab, DEMO.county);
  await each(tab, COUNTY);
  for (const [path, button] of [
    ["bibliotheques", "Ajouter une bibliothèque"],
    ["ressources", "Ajouter une ressource"],
    ["equipe", "Ajouter un compte"],
  ]) {
    await visit(tab, `/portail/${path}`);
    await tab.getByRole("button", { name: button }).click();
    await tab.getByRole("dialog").waitFor();
    await looked(tab);
  }
  await visit(tab, "/portail/inscription");
  await tab.getByRole("combobox", { name: "Sélectionner votre bibliothèque" }).fill("saint");
  await tab.getByRole("option").first().waitFor();
  await looked(tab);
  assert.deepEqual(tab.troubles, []);
});

test("ac1 a patron's page", async () => {
  const tab = await page({ url: at.url });
  await signIn(tab, DEMO.patron);
  await looked(tab);
  assert.deepEqual(tab.troubles, []);
});

test("ac1 a status is a word and a shape, not a colour alone", async () => {
  const tab = await page({ url: at.url });
  await signIn(tab, DEMO.beauvais);
  await visit(tab, "/portail/abonnes");
  await tab.locator(".status.pending").first().waitFor();
  const shapes = new Set();
  for (const [status, word] of [
    ["pending", "En attente"],
    ["active", "Validé"],
    ["expired", "Expiré"],
  ]) {
    const badge = tab.locator(`.status.${status}`).first();
    assert.equal((await badge.innerText()).trim(), word);
    shapes.add(
      await badge
        .locator(".mark")
        .evaluate((mark) => getComputedStyle(mark).transform + getComputedStyle(mark).borderRadius),
    );
  }
  assert.equal(shapes.size, 3);
});
