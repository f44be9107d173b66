// What a browser keeps of a mailed link and of a session, and what a page may do (requirements S13 and S21).

import assert from "node:assert/strict";
import { test } from "node:test";

import { desk, loaded, PASSWORD, page, shared, signIn, tokenOf, visit } from "./support.mjs";

const at = await shared(desk());

const EMAIL = "marie@fleury.example";

/** Requests a link, and returns its URL. */
async function newLink() {
  await at.clock(new Date(Date.parse((await at.api("GET", "/_local/clock")).body.now) + 3_600_000).toISOString());
  await at.api("POST", "/password-resets", { body: { email: EMAIL } });
  return at.link(EMAIL);
}

/**
 * Returns everything that a tab keeps: its address, its history's state, and its storage.
 * @param {import("./support.mjs").Tab} tab
 */
const kept = (tab) =>
  tab.evaluate(() => JSON.stringify([location.href, history.state, { ...sessionStorage }, { ...localStorage }]));

/**
 * @param {import("./support.mjs").Tab} tab
 * @param {string} password
 */
async function choose(tab, password) {
  await tab.getByLabel("Nouveau mot de passe").fill(password);
  await tab.getByRole("button", { name: "Choisir ce mot de passe" }).click();
}

test("s13 the page takes the token out of its address and keeps it nowhere", async () => {
  const link = await newLink();
  const token = tokenOf(link);
  const tab = await page({ url: at.url });
  /** @type {string[]} */
  const sent = [];
  tab.on("request", (request) => {
    if (request.resourceType() === "fetch") sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  await visit(tab, link);
  assert.ok(!(await kept(tab)).includes(token));
  assert.deepEqual(sent, [], "the link is not tried before there is a password");
  await choose(tab, PASSWORD);
  await tab.getByRole("heading", { name: "Votre mot de passe est enregistré" }).waitFor();
  assert.deepEqual(sent, [`PUT /password-resets/${token}`]);
  await tab.getByRole("link", { name: "Se connecter" }).click();
  await loaded(tab, "**/portail");
  await tab.goBack();
  await tab.getByRole("heading", { name: "Ouvrez le lien de votre e-mail" }).waitFor();
  assert.ok(!(await kept(tab)).includes(token));
  assert.deepEqual(tab.troubles, []);
});

test("s13 a dead link is noticed when it is used, and a new one in the same tab works", async () => {
  const dead = await newLink();
  const alive = await newLink();
  const tab = await page({ url: at.url, expected: [/404/] });
  await visit(tab, dead);
  await choose(tab, PASSWORD);
  await tab.getByRole("heading", { name: "Ce lien ne sert plus" }).waitFor();
  assert.equal(await tab.getByRole("link", { name: "Demander un nouveau lien" }).count(), 1);
  await tab.goto(`/portail/choisir-mon-mot-de-passe#${tokenOf(alive)}`);
  await choose(tab, PASSWORD);
  await tab.getByRole("heading", { name: "Votre mot de passe est enregistré" }).waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("s13 a skip link is no token", async () => {
  const tab = await page({ url: at.url });
  await visit(tab, "/portail/choisir-mon-mot-de-passe#contenu");
  await tab.getByRole("heading", { name: "Ouvrez le lien de votre e-mail" }).waitFor();
  assert.deepEqual(tab.troubles, []);
});

test("s13 signing out empties the storage of each tab", async () => {
  await at.register({ lastName: "Cherchée", email: "cherchee@orange.example" });
  const tab = await page({ url: at.url });
  await signIn(tab, [EMAIL, PASSWORD]);
  const other = Object.assign(await tab.context().newPage(), { troubles: [] });
  for (const one of [tab, other]) {
    await visit(one, "/portail/abonnes?recherche=cherch");
    await one.getByRole("link", { name: /CHERCHÉE/ }).click();
    await loaded(one, "**/abonne?id=*");
    assert.match(await kept(one), /recherche=cherch/);
  }
  await tab.getByRole("button", { name: "Se déconnecter" }).click();
  for (const one of [tab, other]) {
    await loaded(one, "**/portail");
    assert.deepEqual(await one.evaluate(() => [sessionStorage.length, localStorage.length]), [0, 0]);
  }
  assert.deepEqual(tab.troubles, []);
});

test("s21 a malformed return address does not keep anybody from signing in", async () => {
  const tab = await page({ url: at.url });
  await visit(tab, "/portail?retour=http://");
  await tab.getByLabel("Adresse e-mail").fill(EMAIL);
  await tab.getByLabel("Mot de passe", { exact: true }).fill(PASSWORD);
  await tab.getByRole("button", { name: "Se connecter" }).click();
  await loaded(tab, "**/portail/mon-compte");
  assert.deepEqual(tab.troubles, []);
});

test("s21 no script can make text into markup, by no policy", async () => {
  const tab = await page({ url: at.url, expected: [/TrustedHTML|Trusted Type|trusted-types/] });
  await visit(tab, "/portail");
  const refused = await tab.evaluate(() => {
    const attempts = [
      () => {
        document.body.innerHTML = "<b>x</b>";
      },
      () => Reflect.get(window, "trustedTypes").createPolicy("own", { createHTML: String }),
      () => Reflect.get(window, "trustedTypes").createPolicy("default", { createHTML: String }),
    ];
    return attempts.map((attempt) => {
      try {
        attempt();
        return false;
      } catch {
        return true;
      }
    });
  });
  assert.deepEqual(refused, [true, true, true]);
  assert.deepEqual(tab.troubles, []);
});
