// `make screenshots`: saves each page of the demonstration at two widths to docs/screenshots, and the first screens of
// the pages that README shows to docs/readme.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { closeBrowser, DEMO, loaded, page, signIn, startDesk, visit } from "./support.mjs";

const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const readme = fileURLToPath(new URL("../../docs/readme/", import.meta.url));
for (const made of [folder, readme]) mkdirSync(made, { recursive: true });
const SHOWN = ["list", "register", "record-status"];
const only = process.argv[2];
const at = await startDesk({ demo: true });

/**
 * @param {import("./support.mjs").Tab} tab
 * @param {string} name
 * @param {number} width
 */
async function shoot(tab, name, width) {
  if (only && !name.includes(only)) return;
  await tab.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await tab.screenshot({ path: `${folder}${name}-${width}.png`, fullPage: true });
  if (SHOWN.includes(name)) await tab.screenshot({ path: `${readme}${name}-${width}.png` });
}

for (const width of [1280, 360]) {
  const open = () => page({ width, height: 800, url: at.url });
  const anyone = await open();
  for (const [name, path] of [
    ["sign-in", ""],
    ["forgotten", "mot-de-passe-oublie"],
    ["privacy", "donnees-personnelles"],
    ["accessibility", "accessibilite"],
    ["missing", "nulle-part"],
  ]) {
    await visit(anyone, `/portail/${path}`);
    await shoot(anyone, name, width);
  }
  await at.api("POST", "/password-resets", { body: { email: DEMO.clermont[0] } });
  await visit(anyone, await at.link(DEMO.clermont[0]));
  await anyone.getByLabel("Nouveau mot de passe").fill("Girafe1");
  await shoot(anyone, "choose-password", width);

  const librarian = await open();
  await signIn(librarian, DEMO.beauvais);
  await shoot(librarian, "my-account", width);
  await visit(librarian, "/portail/securite");
  await shoot(librarian, "security", width);
  await visit(librarian, "/portail/inscription");
  await shoot(librarian, "register", width);
  await librarian.getByRole("button", { name: "Enregistrer" }).click();
  await librarian.getByText("Corrigez les champs").first().waitFor();
  await shoot(librarian, "register-faults", width);
  librarian.once("dialog", (dialog) => dialog.accept());
  await visit(librarian, "/portail/abonnes");
  await shoot(librarian, "list", width);
  await librarian.locator("tbody input").first().check();
  await librarian.locator("tbody a").first().click();
  await loaded(librarian, "**/abonne?id=*");
  await shoot(librarian, "record", width);
  await librarian.getByRole("tab", { name: "Statut" }).click();
  await shoot(librarian, "record-status", width);
  await librarian.getByRole("tab", { name: "Ressources" }).click();
  await shoot(librarian, "record-resources", width);

  const county = await open();
  await signIn(county, DEMO.county);
  await shoot(county, "my-account-county", width);
  for (const [name, path] of [
    ["unblock", "deblocage"],
    ["libraries", "bibliotheques"],
    ["resources", "ressources"],
    ["staff", "equipe"],
    ["list-county", "abonnes"],
  ]) {
    await visit(county, `/portail/${path}`);
    await shoot(county, name, width);
  }
  await visit(county, "/portail/equipe");
  await county.getByRole("button", { name: "Ajouter un compte" }).click();
  await shoot(county, "staff-dialog", width);
  await visit(county, "/portail/inscription");
  await county.getByRole("combobox", { name: "Sélectionner votre bibliothèque" }).fill("st leu");
  await shoot(county, "register-county", width);

  const patron = await open();
  await signIn(patron, DEMO.patron);
  await shoot(patron, "my-account-patron", width);
}
await closeBrowser();
await at.stop();
