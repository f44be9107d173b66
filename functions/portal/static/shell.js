// The start of every page: the account, the menu, and signing in again after the session has ended.

import { call, onSessionOver, Problem } from "./api.js";
import { ask } from "./dialog.js";
import { $, $$, announce, h } from "./dom.js";
import { revealing } from "./form.js";
import * as session from "./session.js";

/**
 * Starts a page; `run(account)` fills it in. Users without access are redirected. On pages for everyone the account may
 * be `null`. The page is marked busy until it is filled in, for screen readers.
 * @param {(account: Account) => unknown} run
 */
export async function begin(run) {
  const main = $("main");
  main.setAttribute("aria-busy", "true");
  revealing();
  await session.borrow();
  const wanted = (document.body.dataset.for ?? "").split(" ");
  const account = session.current()?.account ?? null;
  if (account) welcome(account);
  if (!wanted.includes("everyone")) {
    if (!account) {
      location.replace(`/portail/?retour=${encodeURIComponent(location.pathname + location.search)}`);
      return;
    }
    if (!account.roles.some((role) => wanted.includes(role))) {
      location.replace("/portail/mon-compte");
      return;
    }
  }
  await attempt(() => run(/** @type {Account} */ (account)));
  main.removeAttribute("aria-busy");
}

/**
 * Runs an action without which the page is empty. Shows a problem with a button to retry.
 * @param {() => unknown} action
 */
export async function attempt(action) {
  const trouble = $("#trouble");
  try {
    trouble.replaceChildren();
    await action();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const again = h("button", { type: "button", onclick: () => attempt(action) }, "Réessayer");
    const back = h("a", { href: "/portail/mon-compte" }, "Revenir à mon compte");
    const way = problem.status === 404 || problem.status === 403 ? back : again;
    trouble.replaceChildren(
      h("div", { class: "notice bad", role: "alert" }, h("p", {}, problem.message), h("p", {}, way)),
    );
    for (const waiting of $$("main > [aria-busy=true]")) {
      waiting.replaceChildren();
      waiting.removeAttribute("aria-busy");
    }
  }
}

/** @param {Account} account */
function welcome(account) {
  $("#who").textContent = account.displayName;
  $(".signed-in").hidden = false;
  const menu = $(".menu");
  for (const item of $$("[data-roles]", menu)) {
    const wanted = item.dataset.roles?.split(" ");
    if (!account.roles.some((role) => wanted?.includes(role))) item.remove();
  }
  for (const link of $$("a", menu)) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
  }
  menu.hidden = false;
  $("#sign-out").addEventListener("click", async () => {
    // Signs out here even if the session is over or the service fails; the session then expires there.
    await call("DELETE", "/sessions/current", { quiet: true }).catch(() => null);
    session.close();
    location.assign("/portail/");
  });
}

/** @type {Promise<boolean> | null} */
let asking = null;

/** Asks for the password in a dialog; the page and its typed data stay. */
onSessionOver(() => {
  const { account } = session.current() ?? {};
  if (!account) {
    location.assign("/portail/");
    return Promise.resolve(false);
  }
  asking ??= signInAgain(account).finally(() => {
    asking = null;
  });
  return asking;
});

/** @param {Account} account */
async function signInAgain(account) {
  const input = h("input", {
    id: "again",
    type: "password",
    autocomplete: "current-password",
    "aria-describedby": "again-problem",
  });
  const trouble = h("p", { class: "error", id: "again-problem", role: "alert" });
  const answer = await ask({
    title: "Votre session est terminée",
    content: [
      h("p", {}, "Reconnectez-vous pour continuer : rien de ce que vous avez tapé n’est perdu."),
      h("p", {}, "Compte : ", h("strong", {}, account.email)),
      h("label", { for: "again" }, "Mot de passe"),
      trouble,
      input,
    ],
    actions: [
      ["in", "Se reconnecter"],
      ["other", "Changer de compte"],
    ],
    before: async (value) => {
      if (value === "other") return true;
      try {
        session.open((await signIn(account.email, input.value)).body);
        return true;
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        trouble.textContent = problem.message;
        input.focus();
        return false;
      }
    },
  });
  if (answer === "other") {
    session.close();
    location.assign("/portail/");
  }
  if (answer === "in") announce("Vous êtes reconnecté.");
  return answer === "in";
}

/**
 * Opens a session.
 * @param {string} email
 * @param {string} password
 * @returns {Promise<Answer<Session>>}
 */
export const signIn = (email, password) => call("POST", "/sessions", { body: { email, password }, anonymous: true });
