// The start of every page: the account, the menu, and signing out.

import { call, Problem } from "./api.js";
import { $, $$, h } from "./dom.js";
import { revealing } from "./form.js";
import "./reauthentication.js";
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
      location.replace(`/portail?retour=${encodeURIComponent(location.pathname + location.search)}`);
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
    const ended = endSession();
    session.close();
    await ended;
    location.assign("/portail");
  });
}

/**
 * Ends this tab's session at the service. If the session is over or the service fails, the user is signed out here all
 * the same, and the session expires there.
 */
const endSession = () => call("DELETE", "/sessions/current", { quiet: true, keepalive: true }).catch(() => null);

session.onParting(endSession);
