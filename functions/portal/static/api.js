// Calls the API: JSON requests and answers, problems as errors. If the session has ended, it asks the user to sign in
// and repeats the call, so that typed data is kept.

import * as session from "./session.js";

/** A problem answer (RFC 9457). Without any answer, the code is `unreachable`. */
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

  /** Whether a retry may succeed. */
  get passing() {
    return this.code === "unreachable" || this.status >= 500;
  }
}

const UNREACHABLE =
  "Le service ne répond pas. Vérifiez votre connexion, puis réessayez : ce que vous avez tapé est toujours là.";

const FAILED = "Une erreur est survenue de notre côté : réessayez.";

const unreachable = () => new Problem(0, { type: "urn:problem:unreachable", detail: UNREACHABLE });

/** @type {() => Promise<boolean>} */
let signInAgain = () => Promise.resolve(false);
/**
 * Sets the function that is called when the session has ended. It resolves to whether there is a new one.
 * @param {() => Promise<boolean>} ask
 */
export function onSessionOver(ask) {
  signInAgain = ask;
}

/**
 * Calls the API. Returns `{ status, body, etag }`, or throws a [Problem].
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
  const mayAsk = !options.anonymous && !options.quiet;
  if (problem.code === "not-signed-in" && mayAsk && (await signInAgain())) {
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
 * Downloads a file. Returns `{ blob, name }`; calls `progress` with the number of bytes received so far. A large file
 * is at another origin: the browser follows the redirect without the session token.
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
    throw unreachable();
  }
  const disposition = response.headers.get("content-disposition") ?? "";
  const name = decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1] ?? "fichier");
  return { blob: new Blob(parts, { type: response.headers.get("content-type") ?? "" }), name };
}

/**
 * Yields the items of a paged list, page by page.
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
    throw unreachable();
  }
}

/** @param {Response} response */
async function read(response) {
  if (!(response.headers.get("content-type") ?? "").includes("json")) return null;
  try {
    return await response.json();
  } catch {
    // The answer was cut off: whether the request was carried out is unknown.
    if (response.ok) throw unreachable();
    return null;
  }
}
