// The procedure, page by page, by mouse: a librarian, a patron, the county.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { desk, eventually, loaded, PASSWORD, page, shared, signIn, visit } from "./support.mjs";

const at = await shared(desk());

/** @type {import("./support.mjs").Credentials} */
const MARIE = ["marie@fleury.example", PASSWORD];

test("a librarian chooses a password by the mailed link", async () => {
  const tab = await page({ url: at.url });
  await visit(tab, "/portail");
  await tab.getByRole("link", { name: "Mot de passe oublié" }).click();
  await loaded(tab, "**/mot-de-passe-oublie");
  await tab.getByLabel("Adresse e-mail").fill("marie@fleury.example");
  await tab.getByRole("button", { name: "Recevoir le lien" }).click();
  await tab.getByRole("heading", { name: "Regardez votre boîte de réception" }).waitFor();
  const link = await at.link("marie@fleury.example");
  await visit(tab, link);
  const password = tab.getByLabel("Nouveau mot de passe");
  await password.fill("Fleury1!");
  await eventually(() => tab.locator("#rule .met").count(), 5);
  await tab.getByRole("button", { name: "Choisir ce mot de passe" }).click();
  await tab.locator(".error#password-error").waitFor();
  await tab.getByRole("button", { name: "Afficher" }).click();
  await eventually(() => password.getAttribute("type"), "text");
  assert.equal(await password.inputValue(), "Fleury1!", "a refused password is still there");
  await password.fill(PASSWORD);
  await tab.getByRole("button", { name: "Choisir ce mot de passe" }).click();
  await tab.getByRole("heading", { name: "Votre mot de passe est enregistré" }).waitFor();
  await tab.goto("about:blank");
  await visit(tab, link);
  await password.fill(PASSWORD);
  await tab.getByRole("button", { name: "Choisir ce mot de passe" }).click();
  await tab.getByRole("heading", { name: "Ce lien ne sert plus" }).waitFor();
  assert.deepEqual(
    tab.troubles.filter((text) => !text.includes("404") && !text.includes("422")),
    [],
  );
});

test("stage 1 and 2: a patron is registered, checked, activated, and opens the resources", async () => {
  const tab = await page({ url: at.url });
  await signIn(tab, MARIE);
  await tab.getByRole("link", { name: "Inscription usager ressources numériques" }).click();
  await loaded(tab, "**/inscription");
  await tab.getByLabel("Nom", { exact: true }).fill("Éluard");
  await tab.getByLabel("Prénom").fill("Paul");
  await tab.getByLabel("Date de naissance").fill("1995-12-14");
  await tab.getByLabel("Adresse e-mail").fill("paul.eluard@orange.example");
  await tab.getByLabel("Code postal").fill("60117");
  await tab.locator("#towns option").first().waitFor({ state: "attached" });
  await tab.getByLabel("Code postal").fill("60360");
  await tab.getByLabel("Commune").fill("Crèvecœur-le-Grand");
  await tab.getByRole("button", { name: "Générer" }).click();
  await eventually(() => tab.locator("#rule .met").count(), 5);
  await tab.getByLabel("Toutes").check();
  await eventually(() => tab.locator("#resources input[name=resources]:checked").count(), 2);
  await eventually(
    () => tab.getByLabel("Sélectionner votre bibliothèque").inputValue(),
    "Fleury (60240), Bibliothèque municipale",
  );
  await tab.getByRole("heading", { name: "À dire à l’usager avant d’enregistrer" }).waitFor();
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab.getByRole("heading", { name: "ÉLUARD Paul est inscrit" }).waitFor();

  await tab.getByRole("link", { name: "Mes abonnés numériques" }).click();
  await tab.locator("#status option", { hasText: "Usagers en attente (1)" }).waitFor({ state: "attached" });
  await tab.getByLabel("Sélectionner un statut").selectOption("en-attente");
  await loaded(tab, /statut=en-attente/);
  const row = tab.locator("tr.pending");
  await row.getByText("En attente").waitFor();
  assert.match(await row.innerText(), /MDO avertie au plus tôt le 02\/12\/2026/);
  await row.getByRole("link", { name: /ÉLUARD/ }).click();

  await tab.getByRole("heading", { name: "ÉLUARD Paul" }).waitFor();
  await loaded(tab);
  await tab.getByLabel("Téléphone").fill("06 12 34 56 78");
  await tab.getByRole("tab", { name: "Ressources" }).click();
  await tab.getByLabel("Skilleos").uncheck();
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab.getByText("Enregistré", { exact: true }).waitFor();
  await tab.getByRole("tab", { name: "Statut" }).click();
  await tab.getByRole("button", { name: "Activer" }).click();
  const dialog = tab.getByRole("dialog", { name: "Activer cet abonnement ?" });
  assert.match(await dialog.innerText(), /jusqu’au 23 novembre 2027 inclus/);
  await dialog.getByRole("button", { name: "Activer" }).click();
  await tab.getByRole("heading", { name: "Statut : Validé" }).waitFor();
  await tab.locator(".history li", { hasText: "Activation" }).waitFor();
  await tab.locator(".history li", { hasText: "Modification (Téléphone, Ressources)" }).waitFor();
  await tab.getByText(/^Validation de l’inscription : (envoyé|remis)/).waitFor();
  assert.equal((await at.mails("paul.eluard@orange.example", "activation")).length, 1);
  await tab.getByRole("button", { name: "Renvoyer le lien" }).click();
  await tab.getByText(/Un lien pour choisir le mot de passe part/).waitFor();
  assert.deepEqual(tab.troubles, []);

  const patron = await page({ url: at.url });
  await visit(patron, await at.link("paul.eluard@orange.example"));
  await patron.getByLabel("Nouveau mot de passe").fill(PASSWORD);
  await patron.getByRole("button", { name: "Choisir ce mot de passe" }).click();
  await patron.getByRole("link", { name: "Se connecter" }).click();
  await patron.getByLabel("Adresse e-mail").fill("Paul.Eluard@orange.example");
  await patron.getByLabel("Mot de passe", { exact: true }).fill(PASSWORD);
  await patron.getByRole("button", { name: "Se connecter" }).click();
  await loaded(patron, "**/mon-compte");
  await patron.getByText("L’abonnement est valable jusqu’au 23 novembre 2027 inclus.").waitFor();
  assert.equal(
    await patron.getByRole("link", { name: "MusicMe" }).getAttribute("href"),
    "https://musicme.ressources.oise.example/",
  );
  assert.equal(await patron.getByText("Skilleos").count(), 0);
  assert.equal(await patron.getByRole("link", { name: /abonnés/ }).count(), 0);
  assert.deepEqual(patron.troubles, []);
});

test("the provisional password opens nothing, and says so", async () => {
  await at.register({ email: "provisoire@orange.example", lastName: "Provisoire", password: "Cactus+Lanterne-8" });
  const tab = await page({ url: at.url, expected: [/403/] });
  await visit(tab, "/portail");
  await tab.getByLabel("Adresse e-mail").fill("provisoire@orange.example");
  await tab.getByLabel("Mot de passe", { exact: true }).fill("Cactus+Lanterne-8");
  await tab.getByRole("button", { name: "Se connecter" }).click();
  await tab.getByRole("heading", { name: "Choisissez votre mot de passe" }).waitFor();
  assert.equal((await at.mails("provisoire@orange.example", "password-link")).length, 1);
  assert.deepEqual(tab.troubles, []);
});

test("the list is exported to Excel, searched, and several are activated at once", async () => {
  for (const [n, lastName] of ["Oda", "Œdipe", "Ozanne"].entries())
    await at.register({ lastName, firstName: "Zoé", email: `o${n}@orange.example` });
  const tab = await page({ url: at.url });
  await signIn(tab, MARIE);
  await visit(tab, "/portail/abonnes?statut=en-attente");
  await tab.getByLabel("Rechercher…").fill("zoe");
  const names = tab.locator("tbody td[data-name=Nom] a");
  await eventually(
    () => names.evaluateAll((links) => links.map((link) => link.firstChild?.textContent)),
    ["ODA", "ŒDIPE", "OZANNE"],
  );
  await loaded(tab, /recherche=zoe/);
  const download = tab.waitForEvent("download");
  await tab.getByRole("button", { name: "Exporter un fichier Excel" }).click();
  const file = await download;
  assert.match(file.suggestedFilename(), /^usagers-.*2026-11-24\.xlsx$/);
  assert.equal(
    readFileSync(await file.path())
      .subarray(0, 2)
      .toString(),
    "PK",
  );
  await tab.getByLabel("Cocher tous les usagers de cette page").check();
  await tab.getByRole("button", { name: "Activer 3 usagers" }).click();
  const dialog = tab.getByRole("dialog");
  await dialog.getByText("Terminé : 3 usagers sur 3, 0 refus.").waitFor();
  await eventually(() => dialog.locator(".results li.good").count(), 3);
  await dialog.getByRole("button", { name: "Fermer" }).click();
  await tab.getByText("Aucun usager ne correspond à ces choix.").waitFor();
  await loaded(tab);
  await tab.getByRole("button", { name: "Voir tous les usagers" }).click();
  await tab.locator("tbody tr.active").nth(2).waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("at the end of the period the library renews, with the new end announced", async () => {
  await at.clock("2027-11-10T09:00:00Z");
  const tab = await page({ url: at.url });
  await signIn(tab, MARIE);
  await visit(tab, "/portail/abonnes?recherche=eluard");
  await tab.getByRole("link", { name: /ÉLUARD/ }).click();
  await loaded(tab, "**/abonne?id=*");
  await tab.getByRole("tab", { name: "Statut" }).click();
  await tab.getByRole("button", { name: "Renouveler" }).click();
  const dialog = tab.getByRole("dialog");
  assert.match(await dialog.innerText(), /L’accès durera jusqu’au 22 novembre 2028 inclus/);
  await dialog.getByRole("button", { name: "Renouveler" }).click();
  await tab.locator("dd", { hasText: "22/11/2028" }).waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("the county unblocks what the library forgot, from the day after its warning", async () => {
  await at.register({ lastName: "Oublié", email: "oublie@orange.example" });
  await at.clock("2027-11-18T20:00:00Z");
  await at.escalate();
  const tab = await page({ url: at.url, expected: [/401/] });
  await signIn(tab, ["mdo@oise.example", PASSWORD]);
  await tab.getByRole("link", { name: "Déblocage" }).first().click();
  await loaded(tab, "**/deblocage");
  const row = tab.locator("tr", { hasText: "OUBLIÉ Camille" });
  await row.getByText("18/11/2027").waitFor();
  await eventually(() => row.locator("input").isDisabled(), true, "warned today only");
  await at.clock("2027-11-19T05:00:00Z");
  // The night has ended the session.
  await tab.reload();
  const again = tab.getByRole("dialog", { name: "Votre session est terminée" });
  await again.getByLabel("Mot de passe").fill(PASSWORD);
  await again.getByRole("button", { name: "Se reconnecter" }).click();
  await loaded(tab);
  await row.locator("input").check();
  await tab.getByRole("button", { name: "Valider 1 usager coché" }).click();
  await tab.getByRole("dialog").getByText("OUBLIÉ Camille : validé").waitFor();
  await tab.getByRole("dialog").getByText("Terminé : 1 usager sur 1, 0 refus.").waitFor();
  await tab.getByRole("button", { name: "Fermer" }).click();
  await row.waitFor({ state: "detached" });
  assert.deepEqual(tab.troubles, []);
});

test("the county keeps libraries, resources and staff", async () => {
  const tab = await page({ url: at.url, expected: [/409/, /422/] });
  await signIn(tab, ["mdo@oise.example", PASSWORD]);
  await visit(tab, "/portail/bibliotheques");
  await tab.getByRole("button", { name: "Ajouter une bibliothèque" }).click();
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab.getByRole("dialog").getByText("Corrigez les champs indiqués").waitFor();
  await tab.getByLabel("Code", { exact: true }).fill("LI14783");
  await tab.getByLabel("Commune").fill("Saint-Leu-d’Esserent");
  await tab.getByLabel("Code postal").fill("60340");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab.getByRole("cell", { name: "LI14783" }).waitFor();
  await tab.getByLabel("Rechercher…").fill("st leu");
  await tab.getByText("1 bibliothèque", { exact: true }).waitFor();

  await visit(tab, "/portail/ressources");
  await tab.getByRole("button", { name: "Ajouter une ressource" }).click();
  await tab.getByLabel("Nom").fill("La souris qui raconte");
  await tab.getByLabel("Adresse").fill("https://souris.ressources.oise.example/");
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab.getByRole("button", { name: "La souris qui raconte" }).waitFor();

  await visit(tab, "/portail/equipe");
  await tab.getByRole("button", { name: "Ajouter un compte" }).click();
  await tab.getByLabel("Adresse e-mail").fill("paul@saint-leu.example");
  await tab.getByLabel("Nom affiché").fill("Paul");
  await tab.getByLabel(/Saint-Leu/).check();
  await tab.getByRole("button", { name: "Enregistrer" }).click();
  await tab.getByRole("button", { name: "Paul" }).click();
  await tab.getByRole("button", { name: "Retirer ce compte" }).click();
  const question = tab.getByRole("dialog", { name: "Retirer le compte « Paul » (paul@saint-leu.example) ?" });
  await question.getByRole("button", { name: "Retirer ce compte" }).click();
  await tab.getByRole("button", { name: "Paul" }).waitFor({ state: "detached" });
  assert.deepEqual(tab.troubles, []);
});
