// The first page loads quickly on a slow phone, is cached by the browser, and loads nothing from other sites.

import assert from "node:assert/strict";
import { test } from "node:test";

import { loaded, page, shared, startDesk } from "./support.mjs";

const at = await shared(startDesk());

/** A rural 3G network. */
const SLOW = {
  offline: false,
  latency: 100,
  downloadThroughput: (1.6 * 1024 * 1024) / 8,
  uploadThroughput: (750 * 1024) / 8,
};

/** Lighthouse's BenchmarkIndex of a slow phone, from Chrome's own calibration. */
const PHONE = 264;

/** Measures this machine's index: how many texts of 10,000 letters a page joins, letter by letter, in 100 ms. */
function index() {
  const began = performance.now();
  let texts = 0;
  for (; performance.now() - began < 500; texts += 1) {
    let text = "";
    while (text.length < 10_000) text += "a";
  }
  return (texts / (performance.now() - began)) * 100;
}

/** Records in the page when it could first be used, in milliseconds since the request. */
function noteWhenUsable() {
  const look = () => (window.usable ??= document.querySelector("#sign-in [type=submit]:enabled") && performance.now());
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
}

/** Loads the first page at that phone's speed. Returns the bytes received and the milliseconds until it can be used. */
async function load() {
  const tab = await page({ url: at.url, width: 360, height: 640 });
  const rate = Math.max(1, (await tab.evaluate(index)) / PHONE);
  await tab.addInitScript(noteWhenUsable);
  const cdp = await tab.context().newCDPSession(tab);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", SLOW);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate });
  let bytes = 0;
  cdp.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await tab.goto("/portail");
  await loaded(tab);
  // A page that never became usable must not count as one that took 0 ms.
  const took = (await tab.evaluate(() => window.usable)) ?? Number.POSITIVE_INFINITY;
  await tab.context().close();
  return { bytes, rate, took };
}

test("p11 the first page can be used within a second on a slow phone", async () => {
  const loads = [];
  let soonest = Number.POSITIVE_INFINITY;
  // Other work on this machine can only lengthen a load. Beside such work, more of them are measured.
  for (let n = 0; n < 7 || (soonest >= 1_000 && n < 30); n += 1) {
    loads.push(await load());
    soonest = Math.min(soonest, loads[n].took);
  }
  console.log(`first page: ${loads[0].bytes} bytes, ${Math.round(soonest)} ms`);
  assert.ok(
    loads.every(({ bytes }) => bytes > 2_000 && bytes <= 60_000),
    JSON.stringify(loads),
  );
  assert.ok(soonest < 1_000, JSON.stringify(loads));
});

test("files are named by their contents, compressed, and kept for good; pages are asked for anew", async () => {
  const first = await fetch(`${at.url}/portail`);
  const html = await first.text();
  assert.equal(first.headers.get("cache-control"), "no-cache");
  const again = await fetch(`${at.url}/portail`, { headers: { "if-none-match": first.headers.get("etag") ?? "" } });
  assert.equal(again.status, 304);
  const files = [...html.matchAll(/(?:href|src)="(\/portail\/fichiers\/[^"]+)"/g)].map(([, path]) => path);
  assert.equal(files.length, 3, "icon, style sheet and script");
  for (const path of files) {
    assert.match(path, /\.[0-9a-f]{12}\.(css|js|svg)$/);
    const file = await fetch(at.url + path);
    assert.equal(file.status, 200);
    assert.equal(file.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(file.headers.get("content-encoding"), "gzip");
    const plain = await fetch(at.url + path, { headers: { "accept-encoding": "identity" } });
    assert.equal(plain.headers.get("content-encoding"), null);
    assert.equal(await plain.text(), await file.text());
  }
});

test("nothing inline, nothing from elsewhere, in nobody's frame", async () => {
  const answer = await fetch(`${at.url}/portail/inscription`);
  const policy = answer.headers.get("content-security-policy") ?? "";
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ])
    assert.ok(policy.includes(part), policy);
  assert.ok(!policy.includes("unsafe"), policy);
  const html = await answer.text();
  assert.doesNotMatch(html, /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
  assert.deepEqual(
    [...html.matchAll(/(?:href|src)="([a-z]+:[^"]*)"/g)]
      .map(([, url]) => url)
      .filter((url) => !/^(mailto|tel):/.test(url)),
    [],
  );
});
