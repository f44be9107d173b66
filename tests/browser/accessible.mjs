// Checks of a page's accessibility (requirements AC1).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { AXE, loaded } from "./support.mjs";

/**
 * Checks that axe-core finds no violation.
 * @param {import("./support.mjs").Tab} tab
 */
export async function axe(tab) {
  // The page's content security policy allows only its own scripts, so axe-core is injected past it.
  if (!(await tab.evaluate(() => "axe" in window))) await tab.evaluate(readFileSync(AXE, "utf8"));
  const { violations } = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  assert.deepEqual(found, [], tab.url());
}

/**
 * Checks that nothing is wider than the window.
 * @param {import("./support.mjs").Tab} tab
 */
async function fits(tab) {
  const { wide, room } = await tab.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: innerWidth }));
  assert.ok(wide <= room, `${tab.url()} is ${wide} px wide in ${room}`);
}

/**
 * Checks a page as it is now, on a narrow screen and with large text too. Returns its title.
 * @param {import("./support.mjs").Tab} tab
 */
export async function looked(tab) {
  await loaded(tab);
  await axe(tab);
  const { lang, title, h1, main } = await tab.evaluate(() => ({
    lang: document.documentElement.lang,
    title: document.title,
    h1: document.querySelectorAll("h1").length,
    main: document.querySelectorAll("main").length,
  }));
  assert.deepEqual([lang, h1, main], ["fr", 1, 1], tab.url());
  assert.match(title, / – Ressources numériques de l’Oise$/);
  await tab.setViewportSize({ width: 320, height: 640 });
  await fits(tab);
  await axe(tab);
  await tab.setViewportSize({ width: 1280, height: 900 });
  await tab.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
  await fits(tab);
  await tab.evaluate(() => document.documentElement.style.removeProperty("font-size"));
  return title;
}
