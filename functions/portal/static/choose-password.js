import { call, Problem } from "./api.js";
import { $ } from "./dom.js";
import { submitting } from "./form.js";
import { showRule } from "./password.js";
import { attempt, begin } from "./shell.js";

// The token is in the fragment of the page's URL, which browsers never send to a server.
const token = location.hash.slice(1);
const link = `/password-resets/${encodeURIComponent(token)}`;

/** @param {"choose" | "chosen" | "dead"} id */
function show(id) {
  $("#choose").hidden = id !== "choose";
  $(`#${id}`).hidden = false;
  if (id !== "choose") $(`#${id}`).focus();
}

begin(() =>
  attempt(async () => {
    try {
      await call("GET", link, { anonymous: true });
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 404) throw problem;
      show("dead");
      return;
    }
    show("choose");
    showRule($("#password-rule"), $("#password"));
    submitting($("#choose"), async ({ password = "" }) => {
      try {
        await call("PUT", link, { body: { password }, anonymous: true });
      } catch (problem) {
        if (!(problem instanceof Problem) || problem.code !== "reset-link-dead") throw problem;
        show("dead");
        return;
      }
      show("chosen");
    });
  }),
);
