// An authenticator app, and signing in with its codes.

import assert from "node:assert/strict";

import { loaded, visit } from "./support.mjs";
import { STEP, totp } from "./totp.mjs";

/**
 * @typedef {import("playwright-core").Page} Page
 * @typedef {import("./support.mjs").Credentials} Credentials
 */

/**
 * Returns the app of a desk: `code(secret)` is a code that was never used, since the desk's clock goes on for it, and
 * `enrol(tab)` goes through the steps of the page. It returns the secret and the recovery codes.
 * @param {import("./support.mjs").Server} at
 */
export function authenticator(at) {
  const later = async (/** @type {number} */ milliseconds) => {
    const now = Date.parse((await at.api("GET", "/_local/clock")).body.now) + milliseconds;
    await at.clock(new Date(now).toISOString());
    return now;
  };
  const code = async (/** @type {string} */ secret) => totp(secret, await later(STEP));
  const enrol = async (/** @type {Page} */ tab, button = "Activer") => {
    await tab.getByRole("button", { name: button, exact: true }).click();
    await tab.getByRole("heading", { name: "3. Tapez le code" }).waitFor();
    const secret = (await tab.locator("#second-factor code").innerText()).replaceAll(" ", "");
    await tab.getByLabel("Code à six chiffres").fill(await code(secret));
    await tab.getByRole("button", { name: "Vérifier le code" }).click();
    await tab.getByRole("heading", { name: "Vos codes de secours" }).waitFor();
    const codes = await tab.locator(".codes code").allInnerTexts();
    assert.equal(new Set(codes).size, 10);
    return { secret, codes };
  };
  return { later, code, enrol };
}

/**
 * Fills in the sign-in form and sends it.
 * @param {Page} tab
 * @param {Credentials} credentials
 */
export async function fillIn(tab, [email, password]) {
  await tab.getByLabel("Adresse e-mail").fill(email);
  await tab.getByLabel("Mot de passe", { exact: true }).fill(password);
  await tab.getByRole("button", { name: "Se connecter" }).click();
}

/**
 * Signs in with a second factor.
 * @param {Page} tab
 * @param {Credentials} credentials
 * @param {string} code
 */
export async function signInWith(tab, credentials, code) {
  await visit(tab, "/portail");
  await fillIn(tab, credentials);
  await tab.getByLabel("Code de double authentification").fill(code);
  await tab.getByRole("button", { name: "Se connecter" }).click();
  await loaded(tab, "**/mon-compte");
}

export const noted = (/** @type {Page} */ tab) => tab.getByRole("button", { name: "J’ai noté mes codes" }).click();

export const signOut = async (/** @type {Page} */ tab) => {
  await tab.getByRole("button", { name: "Se déconnecter", exact: true }).click();
  await tab.getByRole("heading", { name: "Connexion" }).waitFor();
};
