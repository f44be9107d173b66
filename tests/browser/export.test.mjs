// A county's workbook is too large for an answer: the page follows the link to it by itself.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { desk, PASSWORD, page, shared, signIn, visit } from "./support.mjs";

const at = await shared(desk({ parameters: ["LargestAnswer=0"] }));

test("a large file comes from elsewhere, under its name, and without the session", async () => {
  await at.register();
  const tab = await page({ url: at.url });
  await signIn(tab, ["marie@fleury.example", PASSWORD]);
  await visit(tab, "/portail/abonnes");
  await tab.locator("tbody tr").first().waitFor();
  /** @type {import("playwright-core").Request[]} */
  const followed = [];
  tab.on("request", (request) => request.redirectedFrom() && followed.push(request));
  const download = tab.waitForEvent("download");
  await tab.getByRole("button", { name: "Exporter un fichier Excel" }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), "usagers-Fleury-2026-11-24.xlsx");
  assert.equal(
    readFileSync(await file.path())
      .subarray(0, 2)
      .toString(),
    "PK",
  );
  assert.equal(followed.length, 1);
  assert.notEqual(new URL(followed[0].url()).origin, new URL(at.url).origin);
  assert.equal((await followed[0].allHeaders()).authorization, undefined);
  assert.deepEqual(tab.troubles, []);
});
