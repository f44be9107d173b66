// Where the sign-in page leads, tested without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { onward } from "../../functions/portal/static/onward.js";

const ORIGIN = "https://usagers.oise.example";
const to = (/** @type {string} */ wanted) => onward(`?retour=${encodeURIComponent(wanted)}`, ORIGIN);

test("s21 sign-in leads to a page of the portal", () => {
  assert.equal(to("/portail/abonnes?recherche=zoé"), `${ORIGIN}/portail/abonnes?recherche=zo%C3%A9`);
  assert.equal(to(`${ORIGIN}/portail/abonne?id=1`), `${ORIGIN}/portail/abonne?id=1`);
});

test("s21 a return address that is malformed or elsewhere leads home", () => {
  for (const wanted of [
    "",
    "http://",
    "https://[",
    "http://a:b",
    "//",
    "//evil.example/portail/",
    "\\\\evil.example/portail/",
    "https://evil.example/portail/",
    "https://usagers.oise.example@evil.example/portail/",
    "https://usagers.oise.example.evil.example/portail/",
    "http://usagers.oise.example/portail/",
    "/portail/../registrations.xlsx",
    "/registrations",
    "javascript:alert(1)//portail/",
    "data:text/html,/portail/",
    "blob:https://usagers.oise.example/portail/",
  ])
    assert.equal(to(wanted), "/portail/mon-compte", wanted);
  for (const search of ["", "?", "?retour", "?autre=/portail/", "?retour=%ff%fe%"])
    assert.equal(onward(search, ORIGIN), "/portail/mon-compte", search);
});
