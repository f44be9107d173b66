// The one way to the API: JSON in and out, problems as errors, and a session that is over is opened again without
// losing what was typed.

import * as session from "./session.js";

/** A refusal (RFC 9457), or no answer at all: then its code is `unreachable`. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {ProblemBody} body
   */
  constructor(status, body) {
    super(body.detail);
    this.status = status;
    this.code = (body.type ?? "").replace("urn:problem:", "");
    this.errors = body.errors ?? [];
    this.body = body;
  }

  /** Whether trying again may help. */
  get passing() {
    return this.code === "unreachable" || this.status >= 500;
  }
}

const UNREACHABLE =
  "Le service ne répond pas. Vérifiez votre connexion, puis réessayez : ce que vous avez tapé est toujours là.";

const FAILED = "Une erreur est survenue de notre côté : réessayez.";

/** @type {() => Promise<boolean>} */
let signInAgain = () => Promise.resolve(false);
/**
 * What to do when the session is over: `ask` answers whether there is a new one.
 * @param {() => Promise<boolean>} ask
 */
export function onSessionOver(ask) {
  signInAgain = ask;
}

/**
 * Calls the API: `{ status, body, etag }`, or throws a [Problem]. With `anonymous` without the session, with
 * `quiet` without asking for the password again when it is over.
 * @param {string} method
 * @param {string} path
 * @param {CallOptions} [options]
 * @returns {Promise<Answer>}
 */
export async function call(method, path, options = {}) {
  const response = await send(method, path, options);
  const body = await read(response);
  if (response.ok) {
    return { status: response.status, body, etag: response.headers.get("etag") };
  }
  const problem = new Problem(response.status, body ?? { detail: FAILED });
  const asks = !options.anonymous && !options.quiet;
  if (problem.code === "not-signed-in" && asks && (await signInAgain())) {
    return call(method, path, options);
  }
  throw problem;
}

/**
 * @param {string} path
 * @param {CallOptions} [options]
 */
export const get = (path, options) => call("GET", path, options);

/**
 * A file, by `GET`: `{ blob, name }`; `progress` is told how many bytes have come. A large one is elsewhere: the browser
 * follows the way there by itself, and leaves the session behind.
 * @param {string} path
 * @param {(bytes: number) => void} [progress]
 * @returns {Promise<{ blob: Blob, name: string }>}
 */
export async function download(path, progress) {
  const response = await send("GET", path, {});
  if (!response.ok) {
    const problem = new Problem(response.status, (await read(response)) ?? { detail: FAILED });
    if (problem.code === "not-signed-in" && (await signInAgain())) return download(path, progress);
    throw problem;
  }
  const parts = [];
  let length = 0;
  try {
    for (const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body).getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      length += value.length;
      progress?.(length);
    }
  } catch {
    throw new Problem(0, { type: "urn:problem:unreachable", detail: UNREACHABLE });
  }
  const disposition = response.headers.get("content-disposition") ?? "";
  const name = decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1] ?? "fichier");
  return { blob: new Blob(parts, { type: response.headers.get("content-type") ?? "" }), name };
}

/**
 * Every item of a paged list, page by page.
 * @param {string} path
 */
export async function* pages(path) {
  const joint = path.includes("?") ? "&" : "?";
  for (let cursor = ""; cursor !== null; ) {
    const { body } = await get(`${path}${joint}limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    yield body.items;
    cursor = body.next;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {CallOptions} options
 */
async function send(method, path, { body, headers = {}, anonymous = false }) {
  /** @type {Record<string, string>} */
  const all = { accept: "application/json", ...headers };
  const open = session.current();
  if (open && !anonymous) all.authorization = `Bearer ${open.token}`;
  if (body !== undefined)
    all["content-type"] = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  try {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    return await fetch(path, { method, headers: all, body: sent, credentials: "omit", cache: "no-store" });
  } catch {
    throw new Problem(0, { type: "urn:problem:unreachable", detail: UNREACHABLE });
  }
}

/** @param {Response} response */
async function read(response) {
  const json = (response.headers.get("content-type") ?? "").includes("json");
  return json ? response.json().catch(() => null) : null;
}
