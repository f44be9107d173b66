// The texts of a page about a registration, tested without a browser: there is one for each refusal in `actions`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { refusal, waiting } from "../../functions/portal/static/status.js";

/** @type {{ schemas: Record<string, { oneOf: { properties: { reason: { enum: Refusal["reason"][] } } }[] }> }} */
const { schemas } = JSON.parse(readFileSync(new URL("../../openapi.json", import.meta.url), "utf8")).components;
const reasons = [schemas.Activation, schemas.Renewal].flatMap(({ oneOf }) => oneOf[1].properties.reason.enum);

test("every reason of a refusal has its sentence", () => {
  assert.ok(reasons.length >= 5);
  for (const reason of reasons.filter((reason) => reason !== "already-active")) {
    const text = refusal({ reason, possibleFrom: "2026-12-02" }) ?? "";
    assert.match(text, /\.$/, reason);
    assert.doesNotMatch(text, /undefined|null/, reason);
  }
  assert.match(refusal({ reason: "renewal-too-early", possibleFrom: "2027-10-25" }) ?? "", /25\/10\/2027/);
  assert.equal(refusal({ reason: "already-active" }), null);
});

test("section 4: a pending registration shows who was told of it, and when", () => {
  const status = /** @type {const} */ ("pending");
  const pending = { status, actions: { countyFrom: "2026-12-02" } };
  assert.match(waiting(pending) ?? "", /au plus tôt le 02\/12\/2026/);
  assert.match(waiting({ ...pending, warnedOn: "2026-12-03" }) ?? "", /Bibliothèque avertie le 03\/12\/2026/);
  assert.match(
    waiting({ ...pending, warnedOn: "2026-12-03", escalatedOn: "2026-12-05" }) ?? "",
    /MDO avertie le 05\/12\/2026/,
  );
  assert.equal(waiting({ status: "active", actions: {} }), null);
});
