// A second factor, confirmation before sensitive changes, and sessions that are listed and ended (requirements S2, S14).

import assert from "node:assert/strict";
import { test } from "node:test";

import { desk, eventually, loaded, PASSWORD, page, shared, signIn, visit } from "./support.mjs";

const at = await shared(desk());

/** @type {import("./support.mjs").Credentials} */
const MARIE = ["marie@fleury.example", PASSWORD];

/**
 * Returns the status with which the service answers the session of a tab.
 * @param {string} token
 */
const answered = async (token) => (await at.api("GET", "/me", { token })).status;

/** @param {import("playwright-core").Page} tab */
const tokenIn = (tab) => tab.evaluate(() => JSON.parse(sessionStorage.getItem("session") ?? "{}").token);

test("s14 signing out in one tab ends the session of each tab", async () => {
  const tab = await page({ url: at.url });
  const other = await tab.context().newPage();
  // Both show the sign-in form before there is a session to take over.
  await visit(tab, "/portail/");
  await visit(other, "/portail/");
  for (const one of [tab, other]) {
    await one.getByLabel("Adresse e-mail").fill(MARIE[0]);
    await one.getByLabel("Mot de passe", { exact: true }).fill(PASSWORD);
    await one.getByRole("button", { name: "Se connecter" }).click();
    await loaded(one, "**/mon-compte");
  }
  const tokens = [await tokenIn(tab), await tokenIn(other)];
  assert.notEqual(tokens[0], tokens[1], "each tab has a session of its own");
  await tab.getByRole("button", { name: "Se déconnecter" }).click();
  await other.getByRole("heading", { name: "Connexion" }).waitFor();
  for (const token of tokens) await eventually(() => answered(token), 401);
  assert.deepEqual(tab.troubles, []);
});
