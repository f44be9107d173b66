// The browser tests' own authenticator agrees with RFC 6238, appendix B.

import assert from "node:assert/strict";
import { test } from "node:test";

import { totp } from "../browser/totp.mjs";

test("s2 the tests' authenticator agrees with the RFC's vectors", () => {
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  for (const [second, code] of [
    [59, "287082"],
    [1_111_111_109, "081804"],
    [20_000_000_000, "353130"],
  ])
    assert.equal(totp(secret, Number(second) * 1_000), code);
});
