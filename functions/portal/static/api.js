// Calls the API: JSON requests and answers, problems as errors. If a call is refused until the user does something, such
// as signing in again, it asks for that and repeats the call, so that typed data is kept.

import * as session from "./session.js";

/** A problem answer (RFC 9457). Without any answer, the code is `unreachable`. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {ProblemBody} body
   * @param {number} [wait] seconds after which a retry may succeed
   */
  constructor(status, body, wait = 0) {
    super(body.detail);
    this.status = status;
    this.code = (body.type ?? "").replace("urn:problem:", "");
    this.errors = body.errors ?? [];
    this.body = body;
    this.wait = wait;
  }

  /** Whether a retry may succeed. */
  get passing() {
    return this.code === "unreachable" || this.status >= 500;
  }
}

const UNREACHABLE =
  "Le service ne répond pas. Vérifiez votre connexion, puis réessayez : ce que vous avez tapé est toujours là.";

const FAILED = "Une erreur est survenue de notre côté : réessayez.";

/**
 * Texts for what the gateway answers itself: `{"message": …}`, without `type` and `detail`.
 * @type {Record<number, string>}
 */
const BY_THE_GATEWAY = {
  429: "Trop de demandes arrivent en même temps : attendez une minute, puis réessayez.",
  503: "Le service est surchargé pour le moment : réessayez dans une minute.",
  504: "Le service a mis trop de temps à répondre : vérifiez si votre demande a été enregistrée, puis réessayez.",
};

/** How often a call that the gateway turned away is sent again. */
const REPEATS = 2;

const unreachable = () => new Problem(0, { type: "urn:problem:unreachable", detail: UNREACHABLE });

/** @type {Map<string, () => Promise<boolean>>} */
const remedies = new Map();

/**
 * Sets how the user mends a refusal with the problem `code`. `ask` resolves to whether the call may be repeated. Calls
 * that are refused while it asks share its answer.
 * @param {string} code
 * @param {() => Promise<boolean>} ask
 */
export function onRefusal(code, ask) {
  /** @type {Promise<boolean> | null} */
  let asking = null;
  remedies.set(code, () => {
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  });
}

/**
 * Calls the API. Returns `{ status, body, etag }`, or throws a [Problem].
 * @param {string} method
 * @param {string} path
 * @param {CallOptions} [options]
 * @returns {Promise<Answer>}
 */
export async function call(method, path, options = {}) {
  const response = await accepted(method, path, options);
  return { status: response.status, body: await read(response), etag: response.headers.get("etag") };
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
  const response = await accepted("GET", path, {});
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
 * Sends a request until it is accepted, or refused for good. Returns the response, or throws a [Problem].
 * @param {string} method
 * @param {string} path
 * @param {CallOptions} options
 * @param {number} [repeated] how often it was sent again
 * @returns {Promise<Response>}
 */
async function accepted(method, path, options, repeated = 0) {
  const response = await send(method, path, options);
  if (response.ok) return response;
  const { status, headers } = response;
  const body = await read(response);
  if (repeated < REPEATS && !body?.type && mayRepeat(status, method, options)) {
    await pause(repeated);
    return accepted(method, path, options, repeated + 1);
  }
  const detail = body?.detail ?? BY_THE_GATEWAY[status] ?? FAILED;
  const problem = new Problem(status, { ...body, detail }, Number(headers.get("retry-after")));
  const remedy = options.anonymous || options.quiet ? undefined : remedies.get(problem.code);
  if (await remedy?.()) return accepted(method, path, options);
  throw problem;
}

/**
 * Returns whether a call that the gateway refused may be sent again. A throttled call reached no function; one that was
 * answered 503 may have, and is repeated only if it then has no second effect.
 * @param {number} status
 * @param {string} method
 * @param {CallOptions} options
 */
function mayRepeat(status, method, { headers = {} }) {
  return status === 429 || (status === 503 && (method === "GET" || "idempotency-key" in headers));
}

/**
 * Waits for a random time of up to 1 s, then up to 2 s, so that browsers don't come back together.
 * @param {number} repeated
 */
function pause(repeated) {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000 * 2 ** repeated));
}

/**
 * @param {string} method
 * @param {string} path
 * @param {CallOptions} options
 */
async function send(method, path, { body, headers = {}, anonymous = false, keepalive = false }) {
  /** @type {Record<string, string>} */
  const all = { accept: "application/json", ...headers };
  const open = session.current();
  if (open && !anonymous) all.authorization = `Bearer ${open.token}`;
  if (body !== undefined)
    all["content-type"] = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  try {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    return await fetch(path, { method, headers: all, body: sent, credentials: "omit", cache: "no-store", keepalive });
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
