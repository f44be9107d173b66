// Saves an entry of the directory under the version that the user saw.

import { call, Problem } from "./api.js";
import { changes, reconcile } from "./conflict.js";

/**
 * Returns the condition of a request: a new entry replaces none, and a known one is as the user saw it.
 * @param {Versioned | null} item
 * @returns {Record<string, string>}
 */
export function condition(item) {
  if (item === null) return { "if-none-match": "*" };
  return { "if-match": item.etag };
}

/**
 * Saves an entry. If another user has saved it meanwhile, asks which values to keep. Resolves to whether it is saved.
 * `latest` returns the entry that is saved now.
 * @template {Versioned} Item
 * @param {Edited<Item>} edited
 * @param {Saving} saving
 * @param {(item: Item) => Promise<Item | undefined>} latest
 * @returns {Promise<boolean>}
 */
export async function save(edited, { path, body }, latest) {
  const { item, names, show } = edited;
  try {
    await call("PUT", path, { body, headers: condition(item) });
    return true;
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.code !== "stale" || !item) throw problem;
    const now = await latest(item);
    // It was removed: nothing is left to merge with.
    if (!now) throw problem;
    const fields = Object.keys(names);
    const kept = await reconcile({ before: item, now, mine: changes(item, body, fields), names, show });
    if (kept === null) return false;
    const merged = Object.fromEntries([...changes({}, now, fields), ...kept]);
    return save({ ...edited, item: now }, { path, body: merged }, latest);
  }
}
