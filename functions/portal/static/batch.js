// Batch actions: one call per registration, two at a time, with a result line for each. A batch can be stopped between
// two calls.

import { call, Problem } from "./api.js";
import { ask } from "./dialog.js";
import { announce, counted, h } from "./dom.js";
import { fullName } from "./status.js";

const CONCURRENCY = 2;

/**
 * Posts to `path(registration)` for each registration. Resolves to the changed registrations when the dialog is closed.
 * `done` is the text of a success, for example "validé".
 * @param {{
 *   title: string,
 *   registrations: Registration[],
 *   path: (registration: Registration) => string,
 *   done: string,
 * }} batch
 * @returns {Promise<Registration[]>}
 */
export async function together({ title, registrations, path, done }) {
  const bar = h("progress", { max: registrations.length, value: 0, "aria-label": title });
  const state = h("p", { role: "status" }, "En cours…");
  const lines = h("ul", { class: "results" });
  let [stopped, running] = [false, true];
  let [failures, next] = [0, 0];
  /** @type {Registration[]} */
  const changed = [];

  const one = async (/** @type {Registration} */ registration) => {
    try {
      changed.push((await call("POST", path(registration))).body);
      return h("li", { class: "good" }, `${fullName(registration)} : ${done}`);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      failures += 1;
      return h("li", { class: "bad" }, `${fullName(registration)} : ${problem.message}`);
    }
  };
  const worker = async () => {
    while (!stopped && next < registrations.length) {
      const registration = registrations[next];
      next += 1;
      lines.append(await one(registration));
      bar.value += 1;
      state.textContent = `${bar.value} sur ${registrations.length}`;
    }
  };
  const stay = (/** @type {Event} */ event) => event.preventDefault();
  addEventListener("beforeunload", stay);
  const all = Promise.all(Array.from({ length: CONCURRENCY }, worker)).finally(() => {
    running = false;
    removeEventListener("beforeunload", stay);
    const fine = bar.value - failures;
    const rest = stopped ? `, arrêté avant ${counted(registrations.length - bar.value, "usager")}` : "";
    state.textContent = `Terminé : ${counted(fine, "usager")} sur ${registrations.length}, ${failures} refus${rest}.`;
    announce(state.textContent);
  });
  await ask({
    title,
    wide: true,
    content: [bar, state, lines],
    actions: [["close", "Fermer"]],
    before: async () => {
      if (running) {
        stopped = true;
        state.textContent = "Arrêt après les usagers en cours…";
        await all;
        return false;
      }
      return true;
    },
  });
  stopped = true;
  await all;
  return changed;
}
