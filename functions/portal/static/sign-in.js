import { Problem } from "./api.js";
import { $, h } from "./dom.js";
import { submitting } from "./form.js";
import { onward } from "./onward.js";
import * as session from "./session.js";
import { begin, signIn } from "./shell.js";

const next = () => onward(location.search, location.origin);

begin((account) => {
  if (account) {
    location.replace(next());
    return;
  }
  // A busy tab lends its session late.
  session.onBorrowed(() => location.replace(next()));
  const form = $("#sign-in");
  submitting(form, async ({ email = "", password = "" }) => {
    try {
      session.open((await signIn(email, password)).body);
      location.assign(next());
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
