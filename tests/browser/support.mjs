// Starts a local desk for each story, and one browser for all of them.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tools = createRequire(join(root, ".tools/package.json"));
/** @type {typeof import("playwright-core")} */
const { chromium } = tools("playwright-core");

/**
 * A page of the browser, with the errors that occurred on it.
 * @typedef {import("playwright-core").Page & { troubles: string[] }} Tab
 *
 * E-mail address and password.
 * @typedef {[email: string, password: string]} Credentials
 *
 * A message of the outbox.
 * @typedef {{ kind: string, to: string, subject: string, text: string, html: string }} Mail
 *
 * @typedef {Awaited<ReturnType<typeof startDesk>>} Server
 * @typedef {Awaited<ReturnType<typeof desk>>} Desk
 */

/** The path of axe-core, a script to load into a page. */
export const AXE = tools.resolve("axe-core/axe.min.js");

/** Milliseconds that a test waits for a page at most. */
const PATIENCE = 30_000;

/** When every story begins: a Tuesday, 9:00 in Paris. */
export const BEGINNING = "2026-11-24T08:00:00Z";
export const PASSWORD = "Trombone-Girafe-42!";
/**
 * The accounts of the demonstration.
 * @satisfies {Record<string, Credentials>}
 */
export const DEMO = {
  county: ["mdo@oise.example", "Girafe-Violon-42"],
  fleury: ["bib.fleury@oise.example", "Trombone-Ficelle-7"],
  clermont: ["bib.clermont@oise.example", "Moutarde-Comète-5"],
  beauvais: ["bib.beauvais@oise.example", "Parasol_Enclume-3"],
  patron: ["remi.ndiaye@oise.example", "Cactus+Lanterne-8"],
};

/**
 * Starts a local desk, optionally with parameters of the template: `{ url, mails, clock, escalate, api, stop }`.
 * @param {{ demo?: boolean, listen?: string, parameters?: string[] }} [options]
 */
export async function startDesk({ demo = false, listen = "127.0.0.1:0", parameters = [] } = {}) {
  const program = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/local");
  const flags = [
    "--listen",
    listen,
    "--memory",
    "--now",
    BEGINNING,
    ...(demo ? ["--demo"] : []),
    ...parameters.flatMap((one) => ["--parameter", one]),
  ];
  const running = spawn(program, flags, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => running.once("exit", resolve));
  let url = "";
  for await (const line of createInterface({ input: running.stdout })) {
    url ||= /^listening on (\S+)/.exec(line)?.[1] ?? "";
    if (url && (!demo || line.startsWith("patron "))) break;
  }
  running.stdout.resume();
  /**
   * @param {string} method
   * @param {string} path
   * @param {{ token?: string, body?: object, headers?: Record<string, string> }} [options]
   */
  const api = async (method, path, { token, body, headers = {} } = {}) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...(body ? { "content-type": "application/json" } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      body: body ? JSON.stringify(body) : undefined,
    });
    const text = await answer.text();
    return { status: answer.status, etag: answer.headers.get("etag"), body: text ? JSON.parse(text) : null };
  };
  /**
   * @param {string} to
   * @param {string} kind
   * @returns {Promise<Mail[]>}
   */
  const mails = async (to, kind) =>
    (await api("GET", "/_local/mails")).body.items.filter(
      (/** @type {Mail} */ mail) => mail.to === to && mail.kind === kind,
    );
  const stop = () => {
    running.kill("SIGTERM");
    return ended;
  };
  /** @param {string} to */
  const link = async (to) => {
    const text = (await mails(to, "password-link")).at(-1)?.text ?? "";
    const found = /https?:\/\/\S+\/(password-resets\/|choisir-mon-mot-de-passe#)\S+/.exec(text);
    if (!found) throw new Error(`no link was mailed to ${to}`);
    return found[0];
  };
  /**
   * Signs in and returns the session's token.
   * @param {string} email
   * @returns {Promise<string>}
   */
  const signIn = async (email, password = PASSWORD) =>
    (await api("POST", "/sessions", { body: { email, password } })).body.token;
  return {
    url,
    api,
    mails,
    link,
    signIn,
    stop,
    clock: (/** @type {string} */ now) => api("PUT", "/_local/clock", { body: { now } }),
    escalate: () => api("POST", "/_local/run/escalate"),
  };
}

/**
 * Starts a local desk with a county, the library of Fleury, two resources and Fleury's librarian Marie.
 * @param {Parameters<typeof startDesk>[0]} [options]
 */
export async function desk(options) {
  const at = await startDesk(options);
  const arrive = async (/** @type {string} */ email) => {
    await at.api("POST", "/password-resets", { body: { email } });
    await at.api("PUT", `/password-resets/${tokenOf(await at.link(email))}`, { body: { password: PASSWORD } });
    return at.signIn(email);
  };
  const county = await arrive("mdo@oise.example");
  const put = (/** @type {string} */ path, /** @type {object} */ body) => at.api("PUT", path, { token: county, body });
  await put("/libraries/LI10511", {
    name: "Bibliothèque municipale",
    town: "Fleury",
    postalCode: "60240",
    email: "fleury@oise.example",
  });
  await put("/resources/musicme", { name: "MusicMe", active: true, url: "https://musicme.ressources.oise.example/" });
  await put("/resources/skilleos", { name: "Skilleos", active: true });
  await put("/staff/marie@fleury.example", { displayName: "Marie", role: "librarian", libraryIds: ["LI10511"] });
  const marie = await arrive("marie@fleury.example");
  const register = async (fields = {}) => {
    const body = {
      lastName: "Exemple",
      firstName: "Camille",
      birthDate: "1988-02-29",
      email: "camille@orange.example",
      resources: ["musicme"],
      libraryId: "LI10511",
      ...fields,
    };
    const made = await at.api("POST", "/registrations", { token: await at.signIn("marie@fleury.example"), body });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    return made.body;
  };
  return { ...at, arrive, county, marie, register };
}

/**
 * Returns the token of a mailed link, which is in its path or in its fragment.
 * @param {string} link
 */
export const tokenOf = (link) => link.split(/[/#]/).at(-1) ?? "";

/** @type {import("playwright-core").Browser | null} */
let browser = null;

/**
 * Opens a page in a new browser profile. Its errors fail the story that uses it, unless they are `expected`.
 * @param {{ width?: number, height?: number, url: string, expected?: RegExp[] }} options
 * @returns {Promise<Tab>}
 */
export async function page({ width = 1280, height = 900, url, expected = [] }) {
  if (!browser) {
    const executablePath = execFileSync(join(root, "scripts/chromium"), ["--which"], { encoding: "utf8" }).trim();
    const args = [
      "--lang=fr-FR",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ];
    browser = await chromium.launch({ executablePath, headless: true, args });
  }
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height },
    locale: "fr-FR",
    acceptDownloads: true,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(PATIENCE);
  /** @type {string[]} */
  const troubles = [];
  const tab = Object.assign(await context.newPage(), { troubles });
  if (process.env.SLOW) await slow(tab);
  const note = (/** @type {string} */ text) => {
    if (!expected.some((pattern) => pattern.test(text))) troubles.push(text);
  };
  tab.on("pageerror", (error) => note(`error: ${error.message}`));
  tab.on("console", (message) => message.type() === "error" && note(`console: ${message.text()}`));
  return tab;
}

/**
 * Makes a page as slow as on a busy machine (`make browser SLOW=1`), where a test that looks too early fails.
 * @param {import("playwright-core").Page} tab
 */
async function slow(tab) {
  const cdp = await tab.context().newCDPSession(tab);
  const network = { offline: false, latency: 250, downloadThroughput: -1, uploadThroughput: -1 };
  await cdp.send("Network.emulateNetworkConditions", network);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
}

/**
 * Waits for the desk that the tests of a file share. Stops it after them, and the browser.
 * @template {{ stop: () => Promise<unknown> }} T
 * @param {Promise<T>} opening
 * @returns {Promise<T>}
 */
export async function shared(opening) {
  const at = await opening;
  after(async () => {
    await closeBrowser();
    await at.stop();
  });
  return at;
}

export async function closeBrowser() {
  await browser?.close();
  browser = null;
}

/**
 * Signs in through the sign-in page.
 * @param {import("playwright-core").Page} tab
 * @param {Credentials} credentials
 */
export async function signIn(tab, [email, password]) {
  await visit(tab, "/portail");
  await tab.getByLabel("Adresse e-mail").fill(email);
  await tab.getByLabel("Mot de passe", { exact: true }).fill(password);
  await tab.getByRole("button", { name: "Se connecter" }).click();
  await loaded(tab, "**/portail/mon-compte");
}

/**
 * Waits until no part of the page is being loaded. After a click that leads to another page, `url` names that page.
 * @param {import("playwright-core").Page} tab
 * @param {string | RegExp} [url]
 */
export async function loaded(tab, url) {
  if (url) await tab.waitForURL(url);
  // Modules run before this event, and mark their page busy at once.
  await tab.waitForLoadState("load");
  await tab.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
}

/**
 * Opens a page and waits until it is loaded.
 * @param {import("playwright-core").Page} tab
 * @param {string} path
 */
export async function visit(tab, path) {
  await tab.goto(path);
  await loaded(tab);
}

/**
 * Waits until `read()` returns `expected`, since a page shows the result of an action some time after it. Fails with
 * the last value.
 * @template Value
 * @param {() => Promise<Value>} read
 * @param {Value} expected
 * @param {string} [message]
 */
export async function eventually(read, expected, message) {
  const end = performance.now() + PATIENCE;
  let found = await read();
  while (!isDeepStrictEqual(found, expected) && performance.now() < end) {
    await setTimeout(20);
    found = await read();
  }
  assert.deepEqual(found, expected, message);
}

/**
 * Whether the element has the keyboard's focus.
 * @param {import("playwright-core").Locator} locator
 */
export const focused = (locator) => locator.evaluate((element) => element === document.activeElement);
