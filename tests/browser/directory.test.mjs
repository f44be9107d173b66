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
