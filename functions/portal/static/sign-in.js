import { Problem } from "./api.js";
import { $, announce, h } from "./dom.js";
import { submitting } from "./form.js";
import { onward } from "./onward.js";
import { codeField, signIn, wantsCode } from "./reauthentication.js";
import * as session from "./session.js";
import { begin } from "./shell.js";

const next = () => onward(location.search, location.origin);

begin((account) => {
  if (account) {
    location.replace(next());
    return;
  }
  // A busy tab lends its session late.
  session.onBorrowed(() => location.replace(next()));
  const form = $("#sign-in");
  submitting(form, async ({ email = "", password = "", code }) => {
    try {
      session.open((await signIn(email, password, code?.trim())).body);
      location.assign(next());
    } catch (problem) {
      if (wantsCode(problem)) {
        askCode(form);
        return;
      }
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

/**
 * Shows the field of the second factor's code; the form keeps what was typed.
 * @param {HTMLElement} form
 */
function askCode(form) {
  if (!$("#code", form)) $(".actions", form).before(codeField("code"));
  $("#code", form).focus();
  announce("Votre compte est protégé par la double authentification : tapez aussi votre code.");
}
