// What a visit asks of the gateway (requirements P11): few requests at first, and one for each further page. Calls of the
// API are counted apart.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { desk, eventually, PASSWORD, page, shared, visit } from "./support.mjs";

const at = await shared(desk());

const TABLE = readFileSync(new URL("../../functions/portal/src/pages.rs", import.meta.url), "utf8");
/** The path of every page, below `/portail`. */
const PATHS = [...TABLE.matchAll(/^ {4}[A-Z]\w+ +"([^"]*)" +"[\w-]+\.html" /gm)].map(([, path]) => path);

const body = { email: "mdo@oise.example", password: PASSWORD };
const session = (await at.api("POST", "/sessions", { body })).body;
const { id } = await at.register();

/**
 * Opens a browser profile with an empty cache, for a page that requires a session or one that does not.
 * @param {boolean} signedIn
 */
async function profile(signedIn) {
  const tab = await page({ url: at.url });
  if (signedIn) await tab.addInitScript((own) => sessionStorage.setItem("session", JSON.stringify(own)), session);
  return tab;
}

/** @param {string} path */
async function forEveryone(path) {
  const html = await (await fetch(`${at.url}/portail/${path}`)).text();
  return html.includes('data-for="everyone"');
}

/**
 * Opens a page. Returns the requests for it and its files that reached the desk, with the bytes of their answers, headers
 * included. On a `first` visit, waits for the icon, which the browser requests last.
 * @param {import("./support.mjs").Tab} tab
 * @param {string} path
 */
async function visited(tab, path, first = false) {
  const cdp = await tab.context().newCDPSession(tab);
  await cdp.send("Network.enable");
  /** @type {Map<string, { file: string, bytes: number }>} */
  const sent = new Map();
  const kept = new Set();
  cdp.on("Network.requestServedFromCache", ({ requestId }) => kept.add(requestId));
  cdp.on("Network.responseReceived", ({ requestId, response: { url, fromDiskCache } }) => {
    const mine = url.startsWith(`${at.url}/portail`) && !fromDiskCache && !kept.has(requestId);
    if (mine) sent.set(requestId, { file: url.slice(at.url.length), bytes: 0 });
  });
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const one = sent.get(requestId);
    if (one) one.bytes = encodedDataLength;
  });
  await visit(tab, `/portail/${path}${path === "abonne" ? `?id=${id}` : ""}`);
  if (first)
    await eventually(
      async () => [...sent.values()].some(({ file, bytes }) => /icon.*svg$/.test(file) && bytes > 0),
      true,
    );
  await cdp.detach();
  return [...sent.values()];
}

test("p11 a first visit of any page: at most 4 requests and 60 KB", async () => {
  assert.ok(PATHS.length >= 15, `${PATHS}`);
  let [most, largest] = [0, 0];
  for (const path of PATHS) {
    const tab = await profile(!(await forEveryone(path)));
    const sent = await visited(tab, path, true);
    await tab.context().close();
    assert.deepEqual(tab.troubles, []);
    const bytes = sent.reduce((sum, one) => sum + one.bytes, 0);
    assert.ok(sent.length >= 2 && sent.length <= 4, `${path}: ${sent.map(({ file }) => file)}`);
    assert.ok(bytes > 2_000 && bytes <= 60_000, `${path}: ${bytes} bytes`);
    [most, largest] = [Math.max(most, sent.length), Math.max(largest, bytes)];
  }
  console.log(`first visit of a page: at most ${most} requests, ${largest} bytes`);
});

test("p11 every other page is 1 request", async () => {
  for (const signedIn of [false, true]) {
    const tab = await profile(signedIn);
    await visited(tab, "accessibilite", true);
    for (const path of PATHS) {
      if (signedIn === (await forEveryone(path))) continue;
      const sent = await visited(tab, path);
      assert.equal(sent.length, 1, `${path}: ${sent.map(({ file }) => file)}`);
    }
    assert.deepEqual(tab.troubles, []);
  }
});
