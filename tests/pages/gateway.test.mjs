// Refusals that the gateway answers itself (`{"message": …}`), tested without a browser.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

Object.assign(globalThis, {
  sessionStorage: { getItem: () => null },
  BroadcastChannel: class {
    addEventListener() {}
  },
});
const { call, Problem } = await import("../../functions/portal/static/api.js");

/** @type {() => Response} */
let answer;
let sent = 0;
globalThis.fetch = async () => {
  sent += 1;
  return answer();
};

/** @type {(status: number, body: unknown, headers?: Record<string, string>) => Response} */
const json = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
const busy = () => json(429, { message: "Too Many Requests" });

/**
 * Calls, and lets the waits between tries pass. Returns the problem, or the answer's body.
 * @param {string} method
 * @param {CallOptions} [options]
 */
async function outcome(method, options) {
  const ended = call(method, "/registrations", options).then(
    ({ body }) => body,
    (problem) => problem,
  );
  for (let turn = 0; turn < 10; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(5_000);
  }
  return ended;
}

beforeEach(() => {
  sent = 0;
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("w7 each refusal of the gateway has a sentence that says what to do", async () => {
  const texts = new Set();
  for (const status of [429, 500, 503, 504]) {
    answer = () => json(status, { message: "Service Unavailable" });
    const problem = await outcome("POST");
    assert.ok(problem instanceof Problem && problem.status === status);
    assert.match(problem.message, /réessayez/, String(status));
    texts.add(problem.message);
  }
  assert.equal(texts.size, 4);
});

test("w7 a request that the gateway turned away is sent again twice", async () => {
  answer = busy;
  for (const method of ["GET", "POST"]) {
    sent = 0;
    assert.equal((await outcome(method)).status, 429);
    assert.equal(sent, 3, `${method}: nothing was done, so that any call may be repeated`);
  }
  sent = 0;
  answer = () => (sent < 3 ? busy() : json(200, { items: [] }));
  assert.deepEqual(await outcome("GET"), { items: [] });
});

test("w7 after a 503 only a call that may be repeated is sent again", async () => {
  answer = () => json(503, { message: "Service Unavailable" });
  for (const [method, headers, times] of /** @type {[string, Record<string, string>, number][]} */ ([
    ["GET", {}, 3],
    ["POST", { "idempotency-key": "k" }, 3],
    ["POST", {}, 1],
    ["PATCH", { "if-match": '"v1"' }, 1],
  ])) {
    sent = 0;
    assert.equal((await outcome(method, { headers })).status, 503);
    assert.equal(sent, times, method);
  }
});

test("w7 the desk's own refusals are shown at once, with their wait", async () => {
  const own = { type: "urn:problem:too-many-requests", detail: "Attendez dix minutes." };
  for (const status of [429, 503]) {
    sent = 0;
    answer = () => json(status, own, { "retry-after": "600" });
    const problem = await outcome("GET");
    assert.deepEqual([problem.message, problem.wait, sent], [own.detail, 600, 1]);
  }
});
