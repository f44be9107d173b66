// The procedure, by keyboard alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { authenticator } from "./authenticator.mjs";
import { desk, eventually, focused, loaded, PASSWORD, page, shared, visit } from "./support.mjs";

const at = await shared(desk());
const tab = await page({ url: at.url, expected: [/401|403/] });

/**
 * Presses Tab until the element has focus, as a person without a mouse does. Fails if Tab never reaches it. Waits for
 * the end of the action before: a button ignores keys while its last action runs.
 * @param {import("playwright-core").Locator} locator
 */
async function reach(locator, key = "Tab") {
  await eventually(() => locator.isEnabled(), true);
  for (let presses = 0; presses < 120; presses += 1) {
    if (await focused(locator)) return;
    await tab.keyboard.press(key);
  }
  assert.fail(`${locator} is not reached by ${key}`);
}

/**
 * @param {string | RegExp} label
 * @param {string} text
 */
async function type(label, text) {
  await reach(tab.getByLabel(label, { exact: typeof label === "string" }));
  await tab.keyboard.type(text);
}

/** @param {import("playwright-core").Locator} locator */
async function press(locator, key = "Enter") {
  await reach(locator);
  await tab.keyboard.press(key);
}

test("the whole procedure, without a mouse", async () => {
  await visit(tab, "/portail");
  await tab.keyboard.press("Tab");
  await eventually(
    () => focused(tab.getByRole("link", { name: "Aller au contenu" })),
    true,
    "the first stop is the way past the menu",
  );
  await tab.keyboard.press("Enter");
  await type("Adresse e-mail", "marie@fleury.example");
  await type("Mot de passe", PASSWORD);
  await tab.keyboard.press("Enter");
  await loaded(tab, "**/mon-compte");

  await press(tab.getByRole("link", { name: "Inscription usager ressources numériques" }));
  await loaded(tab, "**/inscription");
  await type("Nom", "D'Hérouville");
  await type("Prénom", "Anne-Lise");
  await reach(tab.getByLabel("Date de naissance"));
  await tab.keyboard.type("03171962");
  await reach(tab.getByLabel("Adresse e-mail"));
  await tab.keyboard.type("anne-lise@orange.example");
  await press(tab.getByLabel("MusicMe"), "Space");
  await press(tab.getByRole("button", { name: "Enregistrer" }));
  await tab.getByRole("heading", { name: "D'HÉROUVILLE Anne-Lise est inscrit" }).waitFor();
  await eventually(() => focused(tab.locator("#registered")), true, "focus goes to what has come of it");

  await press(tab.getByRole("link", { name: "Vérifier la fiche" }));
  await loaded(tab, "**/abonne?id=*");
  await type(/^Téléphone/, "0612345678");
  await press(tab.getByRole("button", { name: "Enregistrer" }));
  await tab.getByText("Enregistré", { exact: true }).waitFor();
  await reach(tab.getByRole("tab", { name: "Informations" }), "Shift+Tab");
  await tab.keyboard.press("ArrowRight");
  await eventually(() => focused(tab.getByRole("tab", { name: "Statut" })), true);
  await press(tab.getByRole("button", { name: "Activer" }));
  const dialog = tab.getByRole("dialog");
  await dialog.waitFor();
  for (let presses = 0; presses < 8; presses += 1) {
    await tab.keyboard.press("Tab");
    assert.equal(
      await dialog.evaluate(
        (element) => element.contains(document.activeElement) || document.activeElement === document.body,
      ),
      true,
      "focus stays in the window",
    );
  }
  await tab.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await eventually(() => focused(tab.getByRole("button", { name: "Activer" })), true, "focus comes back");
  await press(tab.getByRole("button", { name: "Activer" }));
  await press(dialog.getByRole("button", { name: "Activer" }));
  await tab.getByRole("heading", { name: "Statut : Validé" }).waitFor();

  await press(tab.getByRole("link", { name: "Mes abonnés numériques" }));
  await loaded(tab, "**/abonnes");
  await tab.locator("tbody tr.active").waitFor();
  await reach(tab.getByLabel("Sélectionner un statut"));
  // Not by letters: the browser forgets those that are more than a second apart.
  for (const status of ["en-attente", "valides"]) {
    await tab.keyboard.press("ArrowDown");
    await loaded(tab, new RegExp(`statut=${status}`));
  }
  await press(tab.getByRole("button", { name: "Exporter un fichier Excel" }));
  await tab.getByText(/Le fichier usagers-.*\.xlsx est téléchargé/).waitFor();
  await press(tab.locator("tbody input"), "Space");
  await tab.getByText("Rien à activer ni à renouveler.").waitFor();
  await press(tab.getByRole("link", { name: /D'HÉROUVILLE/ }));
  await tab.getByRole("heading", { name: "D'HÉROUVILLE Anne-Lise" }).waitFor();
  await tab.goBack();
  await loaded(tab, "**/abonnes?statut=valides");
  await tab.locator("tbody tr.active").waitFor();
  await press(tab.getByRole("button", { name: "Se déconnecter" }));
  await tab.getByRole("heading", { name: "Connexion" }).waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("a library is chosen among many by keyboard", async () => {
  for (const [id, town, postalCode] of [
    ["LI1", "Saint-Leu-d’Esserent", "60340"],
    ["LI2", "Crèvecœur-le-Grand", "60360"],
    ["LI3", "Crèvecœur-le-Petit", "60420"],
  ]) {
    await at.api("PUT", `/libraries/${id}`, {
      token: at.county,
      body: { name: "Bibliothèque municipale", town, postalCode },
    });
  }
  await loaded(tab, "**/portail");
  await tab.getByLabel("Adresse e-mail").fill("mdo@oise.example");
  await tab.getByLabel("Mot de passe", { exact: true }).fill(PASSWORD);
  await tab.keyboard.press("Enter");
  await loaded(tab, "**/mon-compte");
  await visit(tab, "/portail/inscription");
  const box = tab.getByRole("combobox", { name: "Sélectionner votre bibliothèque" });
  await reach(box);
  await tab.keyboard.type("St Leu");
  const options = tab.getByRole("option");
  await eventually(() => options.allInnerTexts(), ["Saint-Leu-d’Esserent (60340), Bibliothèque municipale"]);
  await tab.keyboard.press("Control+a");
  await tab.keyboard.type("crevecoeur");
  await eventually(() => options.count(), 2);
  await tab.keyboard.press("ArrowDown");
  await tab.keyboard.press("ArrowDown");
  await eventually(
    () => box.getAttribute("aria-activedescendant"),
    await options.and(tab.locator("[aria-selected=true]")).getAttribute("id"),
  );
  await tab.keyboard.press("Enter");
  await eventually(() => box.inputValue(), "Crèvecœur-le-Petit (60420), Bibliothèque municipale");
  assert.equal(await tab.locator("[name=libraryId]").inputValue(), "LI3");
  assert.deepEqual(tab.troubles, []);
});

test("s2 a second factor is enrolled and used by keyboard", async () => {
  const app = authenticator(at);
  await press(tab.getByRole("link", { name: "Sécurité" }));
  await loaded(tab, "**/securite");
  await press(tab.getByRole("button", { name: "Activer", exact: true }));
  await eventually(() => focused(tab.getByRole("heading", { name: "Activer la double authentification" })), true);
  const secret = (await tab.locator("#second-factor code").innerText()).replaceAll(" ", "");
  await type("Code à six chiffres", await app.code(secret));
  await tab.keyboard.press("Enter");
  await eventually(() => focused(tab.getByRole("heading", { name: "Vos codes de secours" })), true);
  await press(tab.getByRole("button", { name: "J’ai noté mes codes" }));
  await tab.getByText("Activée", { exact: true }).waitFor();
  await eventually(() => focused(tab.getByRole("heading", { name: "Double authentification" })), true);
  await press(tab.getByRole("button", { name: "Se déconnecter", exact: true }));
  await tab.getByRole("heading", { name: "Connexion" }).waitFor();
  await type("Adresse e-mail", "mdo@oise.example");
  await type("Mot de passe", PASSWORD);
  await tab.keyboard.press("Enter");
  await eventually(() => focused(tab.getByLabel("Code de double authentification")), true);
  await tab.keyboard.type(await app.code(secret));
  await tab.keyboard.press("Enter");
  await loaded(tab, "**/mon-compte");
  await app.later(16 * 60_000);
  await press(tab.getByRole("link", { name: "Sécurité" }));
  await loaded(tab, "**/securite");
  const remove = tab.getByRole("button", { name: "Retirer" });
  await press(remove);
  await press(tab.getByRole("dialog").getByRole("button", { name: "Retirer" }));
  const confirmation = tab.getByRole("dialog", { name: "Confirmez que c’est bien vous" });
  await eventually(() => focused(confirmation.getByLabel("Mot de passe")), true);
  await tab.keyboard.press("Escape");
  await eventually(() => focused(tab.locator("#trouble .notice")), true, "the reason gets the focus");
  await press(remove);
  await press(tab.getByRole("dialog").getByRole("button", { name: "Retirer" }));
  await eventually(() => focused(confirmation.getByLabel("Mot de passe")), true);
  await tab.keyboard.type(PASSWORD);
  await reach(confirmation.getByLabel("Code de double authentification"));
  await tab.keyboard.type(await app.code(secret));
  await tab.keyboard.press("Enter");
  await tab.getByText("Désactivée", { exact: true }).waitFor();
  await eventually(() => focused(tab.getByRole("heading", { name: "Double authentification" })), true);
  assert.deepEqual(tab.troubles, []);
});
