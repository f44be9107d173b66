// What a list shows, as the address bar holds it, and how it is asked for: page by page, by cursors that nobody sees.

import { get, Problem } from "./api.js";

/**
 * A status's name in the address.
 * @type {Record<string, Status | undefined>}
 */
export const STATUSES = { "en-attente": "pending", valides: "active", expires: "expired" };
/** @type {Record<string, string>} */
const NAMES = { status: "statut", search: "recherche", sort: "tri", library: "bibliotheque", page: "page" };
const ROWS = 50;

/** Cursors by page, of the view that they belong to: they are good for one session and one set of filters. */
let cursors = { of: "", list: [""] };

/**
 * The view that the address bar holds.
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
 * The address of a view, blanks left out.
 * @param {View} of
 */
export function address(of) {
  const given = Object.entries(of).filter(([, value]) => value && value !== 1);
  const text = new URLSearchParams(given.map(([name, value]) => [NAMES[name], String(value)])).toString();
  return `/portail/abonnes${text && `?${text}`}`;
}

/**
 * The query of the API for it.
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
 * The page of a view; pages before it are asked for as far as their cursors are not known.
 * @param {View} of
 * @returns {Promise<{ items: Registration[], next: string | null, page: number }>}
 */
export async function fetchPage(of) {
  const filters = query(of);
  if (cursors.of !== filters) cursors = { of: filters, list: [""] };
  // Another view may be asked for meanwhile, with cursors of its own.
  const { list } = cursors;
  for (let at = Math.min(of.page, list.length); ; at += 1) {
    const cursor = list[at - 1];
    const parts = [filters, `limit=${ROWS}`, cursor && `cursor=${encodeURIComponent(cursor)}`].filter(Boolean);
    let answer;
    try {
      answer = await get(`/registrations?${parts.join("&")}`);
    } catch (problem) {
      // A cursor dies with its session: from the first page on again.
      if (!(problem instanceof Problem) || problem.status !== 400 || !cursor) throw problem;
      cursors = { of: "", list: [""] };
      return fetchPage(of);
    }
    const { items, next } = answer.body;
    if (next) list[at] = next;
    if (at === of.page || !next) return { items, next, page: at };
  }
}
