// The list after a change, while its index lags, tested without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";

Object.assign(globalThis, {
  sessionStorage: { getItem: () => null },
  BroadcastChannel: class {
    addEventListener() {}
  },
});
const { laidOver } = await import("../../functions/portal/static/list-view.js");

const item = (/** @type {string} */ id, /** @type {Status} */ status) =>
  /** @type {Registration} */ (/** @type {unknown} */ ({ id, status }));

test("w12 the answers of a change are laid over a list whose index lags", () => {
  const stale = [item("a", "pending"), item("b", "pending"), item("c", "active")];
  const changed = [item("a", "active"), item("gone", "active")];
  assert.deepEqual(laidOver(stale, changed), [item("a", "active"), item("b", "pending"), item("c", "active")]);
  assert.deepEqual(laidOver(stale.slice(0, 2), changed, "pending"), [item("b", "pending")]);
  assert.deepEqual(laidOver(stale, []), stale);
});
