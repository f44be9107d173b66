// The state of the list: its representation in the URL, and its pages, fetched by cursors that are not part of the URL.

import { get, Problem } from "./api.js";

/**
 * The statuses by their names in the URL.
 * @type {Record<string, Status | undefined>}
 */
export const STATUSES = { "en-attente": "pending", valides: "active", expires: "expired" };
/** @type {Record<string, string>} */
const NAMES = { status: "statut", search: "recherche", sort: "tri", library: "bibliotheque", page: "page" };
const ROWS = 50;

/** Cursors by page. They are valid for one session and one set of filters, `of`. */
let cursors = { of: "", list: [""] };

/**
 * Returns the view of the current URL.
 * @returns {View}
 */
export function read() {
  const given = new URLSearchParams(location.search);
  return {
    status: given.get("statut") ?? "",
    search: given.get("recherche") ?? "",
    sort: given.get("tri") ?? "",
    library: given.get("bibliotheque") ?? "",
    page: Math.max(1, Number.parseInt(given.get("page") ?? "1", 10) || 1),
  };
}

/**
 * Returns the URL of a view, without blank parameters.
 * @param {View} of
 */
export function address(of) {
  const given = Object.entries(of).filter(([, value]) => value && value !== 1);
  const text = new URLSearchParams(given.map(([name, value]) => [NAMES[name], String(value)])).toString();
  return `/portail/abonnes${text && `?${text}`}`;
}

/**
 * Returns the API's query of a view.
 * @param {View} of
 */
export function query(of) {
  /** @type {Record<string, string>} */
  const given = {
    status: STATUSES[of.status] ?? "",
    q: of.search.trim(),
    libraryId: of.library,
    sort: of.sort === "date" ? "-registeredOn" : "",
  };
  return new URLSearchParams(Object.entries(given).filter(([, value]) => value)).toString();
}

/**
 * Lays the answers of changes over the items of a page: its index may follow the changes later. Changed items that no
 * longer have the view's status are left out.
 * @param {Registration[]} items
 * @param {Registration[]} changed
 * @param {Status} [status]
 */
export function laidOver(items, changed, status) {
  const answers = new Map(changed.map((registration) => [registration.id, registration]));
  const now = items.map((item) => answers.get(item.id) ?? item);
  return now.filter((item) => !status || !answers.has(item.id) || item.status === status);
}

/**
 * Fetches the page of a view. Earlier pages whose cursors are unknown are fetched first. Beyond the end, returns the
 * last page.
 * @param {View} of
 * @returns {Promise<{ items: Registration[], next: string | null, page: number }>}
 */
export async function fetchPage(of) {
  const filters = query(of);
  if (cursors.of !== filters) cursors = { of: filters, list: [""] };
  // Keeps this list, because another view may replace `cursors` meanwhile.
  const { list } = cursors;
  for (let at = Math.min(of.page, list.length); ; at += 1) {
    const cursor = list[at - 1];
    const parts = [filters, `limit=${ROWS}`, cursor && `cursor=${encodeURIComponent(cursor)}`].filter(Boolean);
    let answer;
    try {
      answer = await get(`/registrations?${parts.join("&")}`);
    } catch (problem) {
      // A cursor ends with its session: start again from the first page.
      if (!(problem instanceof Problem) || problem.status !== 400 || !cursor) throw problem;
      cursors = { of: "", list: [""] };
      return fetchPage(of);
    }
    const { items, next } = answer.body;
    if (next) list[at] = next;
    if (at === of.page || !next) return { items, next, page: at };
  }
}
