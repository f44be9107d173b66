import { Problem } from "./api.js";
import { $, h } from "./dom.js";
import { submitting } from "./form.js";
import * as session from "./session.js";
import { begin, signIn } from "./shell.js";

/** Returns the URL to open after sign-in. Only pages of the portal are accepted. */
function onward() {
  const wanted = new URLSearchParams(location.search).get("retour") ?? "";
  const target = new URL(wanted || "/portail/mon-compte", location.origin);
  return target.origin === location.origin && target.pathname.startsWith("/portail/") ? target : "/portail/mon-compte";
}

begin((account) => {
  if (account) {
    location.replace(onward());
    return;
  }
  // A busy tab lends its session late.
  session.onBorrowed(() => location.replace(onward()));
  const form = $("#sign-in");
  submitting(form, async ({ email = "", password = "" }) => {
    try {
      session.open((await signIn(email, password)).body);
      location.assign(onward());
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.code !== "password-provisional") throw problem;
      // A provisional password opens no session. The service has sent a link to choose a password.
      form.replaceWith(
        h(
          "section",
          { class: "notice good", tabindex: "-1", id: "provisional" },
          h("h2", {}, "Choisissez votre mot de passe"),
          h("p", {}, problem.message),
        ),
      );
      $("#provisional").focus();
    }
  });
});
