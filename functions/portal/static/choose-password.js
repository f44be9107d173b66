import { call, Problem } from "./api.js";
import { $ } from "./dom.js";
import { submitting } from "./form.js";
import { showRule } from "./password.js";
import { begin } from "./shell.js";

/**
 * Takes the token of the mailed link out of the page's address, so that neither Back nor a reopened tab has it. It is in
 * the fragment, which browsers never send to a server. It is not stored: a reload needs the link again. A browser's own
 * list of visited pages may keep the first address, which no page can prevent.
 */
function takeToken() {
  const [token = ""] = /^[\w-]{20,}$/.exec(location.hash.slice(1)) ?? [];
  if (token) history.replaceState(null, "", location.pathname);
  return token;
}

let token = takeToken();

/** @param {"choose" | "missing" | "chosen" | "dead"} id */
function show(id) {
  for (const other of ["choose", "missing", "chosen", "dead"]) $(`#${other}`).hidden = other !== id;
  if (id !== "choose") $(`#${id}`).focus();
}

begin(() => {
  showRule($("#password-rule"), $("#password"));
  show(token ? "choose" : "missing");
  // Another link that is opened in this tab changes the fragment only.
  addEventListener("hashchange", () => {
    const other = takeToken();
    if (!other) return;
    token = other;
    show("choose");
  });
  submitting($("#choose"), async ({ password = "" }) => {
    try {
      await call("PUT", `/password-resets/${token}`, { body: { password }, anonymous: true });
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.code !== "reset-link-dead") throw problem;
      show("dead");
      return;
    }
    show("chosen");
  });
});
