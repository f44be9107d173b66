import { Problem } from "./api.js";
import { $, announce, h } from "./dom.js";
import { submitting } from "./form.js";
import { onward } from "./onward.js";
import { codeField, signIn, wantsCode } from "./reauthentication.js";
import * as session from "./session.js";
import { begin } from "./shell.js";

const PROTECTED = "Votre compte est protégé par la double authentification : tapez aussi votre code.";
const LOST =
  "Téléphone perdu ? Tapez un de vos codes de secours. Vous n’en avez plus ? Appelez la MDO, qui peut retirer la double authentification.";
const CODED = {
  type: "urn:problem:bad-credentials",
  detail:
    "Le mot de passe ou le code ne convient pas. Un code ne sert qu’une fois : attendez que votre application en montre un nouveau. Après plusieurs essais, attendez quelques minutes.",
};

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
      if (!(problem instanceof Problem)) throw problem;
      if (code && problem.code === "bad-credentials") throw new Problem(401, CODED);
      if (problem.code !== "password-provisional") throw problem;
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
  if (!$("#code", form))
    $(".actions", form).before(h("p", {}, PROTECTED), codeField("code"), h("p", { class: "hint" }, LOST));
  $("#code", form).focus();
  announce(PROTECTED);
}
