// The QR code's library is the package's own, and the picture is what it makes; tested without a browser.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { path, squares } from "../../functions/portal/static/qr.js";

const read = (/** @type {string} */ file) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const URI = "otpauth://totp/MDO:mdo%40oise.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=MDO";

test("ap11 the vendored module is the pinned package's, with its licence", () => {
  const vendored = read("functions/portal/static/lean-qr.js");
  const { version } = JSON.parse(read(".tools/node_modules/lean-qr/package.json"));
  assert.equal(JSON.parse(read(".ci/package.json")).dependencies["lean-qr"], version);
  assert.ok(vendored.startsWith(`/*! lean-qr ${version}, `), version);
  assert.ok(vendored.includes(read(".tools/node_modules/lean-qr/LICENSE")));
  assert.ok(vendored.endsWith(`// @ts-nocheck\n${read(".tools/node_modules/lean-qr/nano.mjs")}`));
});

test("s2 the picture has the dark squares of the QR code, and no other", () => {
  const { size, get } = squares(URI);
  const drawn = Array.from({ length: size }, () => Array(size).fill(false));
  for (const [, x, y, length] of path({ size, get }).matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    drawn[Number(y)].fill(true, Number(x), Number(x) + Number(length));
  }
  const expected = drawn.map((row, y) => row.map((_, x) => get(x, y)));
  assert.deepEqual(drawn, expected);
});
