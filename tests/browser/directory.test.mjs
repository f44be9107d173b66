// Two people of the county change one entry of the directory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { desk, eventually, PASSWORD, page, shared, signIn, visit } from "./support.mjs";

const at = await shared(desk());

const CONFLICT = "Cette fiche a été modifiée entre-temps";

/** @param {string} path */
async function county(path) {
  const tab = await page({ url: at.url, expected: [/412/] });
  await signIn(tab, ["mdo@oise.example", PASSWORD]);
  await visit(tab, path);
  return tab;
}

test("another has saved the same library: both are shown, no typing is lost", async () => {
  const tab = await county("/portail/bibliotheques");
  await tab.getByRole("button", { name: "Fleury" }).click();
  await tab.getByLabel("Nom", { exact: true }).fill("Médiathèque");
  await tab.getByLabel("Commune").fill("Fleury-le-Vieux");
  const body = { name: "Bibliothèque municipale", town: "Fleury-Neuf", postalCode: "60240" };
  await at.api("PUT", "/libraries/LI10511", { token: at.county, body });
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  const dialog = tab.getByRole("dialog", { name: CONFLICT });
  await dialog.getByRole("button", { name: "Revenir à ma saisie" }).click();
  await eventually(() => tab.getByLabel("Commune").inputValue(), "Fleury-le-Vieux");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await dialog
    .getByRole("group", { name: "Commune" })
    .getByLabel(/Enregistré entre-temps/)
    .check();
  await dialog.getByRole("button", { name: "Enregistrer" }).click();
  await eventually(async () => {
    const [library] = (await at.api("GET", "/libraries", { token: at.county })).body.items;
    return [library.name, library.town];
  }, ["Médiathèque", "Fleury-Neuf"]);
  assert.deepEqual(tab.troubles, []);
});

test("a new resource replaces none of the same id", async () => {
  const tab = await county("/portail/ressources");
  await tab.getByRole("button", { name: /Ajouter/ }).click();
  await tab.getByLabel("Nom", { exact: true }).fill("MusicMe");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab.getByText("Il y a déjà une fiche").first().waitFor();
  await eventually(() => tab.getByLabel("Nom", { exact: true }).inputValue(), "MusicMe");
  assert.deepEqual(tab.troubles, []);
});

test("s5 a marked address of staff is shown until it is saved again", async () => {
  const body = { displayName: "Léa", role: "librarian", libraryIds: ["LI10511"] };
  await at.api("PUT", "/staff/lea@rebond.example", { token: at.county, body });
  await at.api("POST", "/password-resets", { body: { email: "lea@rebond.example" } });
  await at.link("lea@rebond.example");
  const tab = await county("/portail/equipe");
  const mark = tab.getByRole("row", { name: /lea@rebond/ }).getByText("E-mail refusé");
  await mark.waitFor();
  await tab.getByRole("button", { name: "Léa" }).click();
  await tab.getByText("Cette adresse a refusé un message").waitFor();
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await mark.waitFor({ state: "detached" });
  assert.deepEqual(tab.troubles, []);
});

test("s2 an invitation leads to the page that sends the link", async () => {
  const tab = await county("/portail/equipe");
  await tab.getByRole("button", { name: "Ajouter un compte" }).click();
  await tab.getByLabel("Adresse e-mail").fill("anne+lecture@oise.example");
  await tab.getByLabel("Nom affiché").fill("Anne");
  await tab.getByLabel(/Fleury/).check();
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab
    .getByRole("row", { name: /anne\+lecture/ })
    .getByText("jamais connecté(e)")
    .waitFor();
  await tab.getByRole("button", { name: "Anne" }).click();
  await tab.getByRole("button", { name: "Renvoyer l’invitation" }).click();
  await tab.locator("#trouble").getByText("L’invitation est partie à anne+lecture@oise.example.").waitFor();
  const mails = await at.mails("anne+lecture@oise.example", "invitation");
  assert.equal(mails.length, 2);
  const link = /https?:\/\/\S+(\/portail\/mot-de-passe-oublie#\S+)/.exec(mails[1].text);
  assert.ok(link, mails[1].text);
  assert.equal(link[1], "/portail/mot-de-passe-oublie#anne%2Blecture@oise.example");

  const guest = await page({ url: at.url });
  await guest.goto(link[1]);
  await eventually(() => guest.getByLabel("Adresse e-mail").inputValue(), "anne+lecture@oise.example");
  assert.equal(new URL(guest.url()).hash, "", "the address bar keeps no address");
  await guest.getByRole("button", { name: "Recevoir le lien" }).click();
  await guest.getByText("Regardez votre boîte de réception").waitFor();
  await at.link("anne+lecture@oise.example");
  assert.deepEqual([...tab.troubles, ...guest.troubles], []);
});

test("ap13 a library is closed after one question, and opened again", async () => {
  await at.api("PUT", "/libraries/LI2575", {
    token: at.county,
    body: { name: "Bibliothèque municipale", town: "Auneuil", postalCode: "60390" },
  });
  const tab = await county("/portail/bibliotheques");
  const row = tab.getByRole("row", { name: /Auneuil/ });
  const open = tab.getByLabel("Ouverte aux nouvelles inscriptions");
  await tab.getByRole("button", { name: "Auneuil" }).click();
  await open.uncheck();
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  const question = tab.getByRole("dialog", { name: /^Fermer la bibliothèque Auneuil/ });
  await question.getByText("Ses inscriptions restent").waitFor();
  await question.getByRole("button", { name: "Annuler" }).click();
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await question.getByRole("button", { name: "Fermer la bibliothèque" }).click();
  await row.getByText("fermées").waitFor();

  // It is in no choice, and stays in the list's filter.
  await visit(tab, "/portail/inscription");
  await eventually(async () => (await tab.locator("#libraryId-choice").inputValue()).startsWith("Fleury"), true);
  await visit(tab, "/portail/equipe");
  await tab.getByRole("button", { name: "Ajouter un compte" }).click();
  await tab.getByLabel(/Fleury/).waitFor();
  assert.equal(await tab.getByLabel(/Auneuil/).count(), 0);
  await visit(tab, "/portail/abonnes");
  await tab.locator("#libraryId-choice").click();
  await tab.getByRole("option", { name: /Auneuil .* \(fermée\)/ }).waitFor();

  await visit(tab, "/portail/bibliotheques");
  await tab.getByRole("button", { name: "Auneuil" }).click();
  await open.check();
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await row.getByText("ouvertes").waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("s2 the county reads who changed the directory", async () => {
  await at.api("PUT", "/resources/kiosk", { token: at.county, body: { name: "Kiosk", active: true } });
  const tab = await county("/portail/ressources");
  await tab.getByRole("button", { name: "Historique" }).click();
  const dialog = tab.getByRole("dialog", { name: "Historique des changements" });
  await dialog.getByText("Ressource kiosk : ajout").waitFor();
  await dialog.getByText("Compte marie@fleury.example : ajout").waitFor();
  await dialog.getByRole("button", { name: "Fermer" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.deepEqual(tab.troubles, []);
});
