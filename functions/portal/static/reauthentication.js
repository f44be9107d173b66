// Asks for the password in a dialog when a call needs it: the session has ended, or the change is a sensitive one. The
// page and its typed data stay.

import { call, get, onRefusal, Problem } from "./api.js";
import { ask } from "./dialog.js";
import { $, announce, counted, h } from "./dom.js";
import { field } from "./form.js";
import * as session from "./session.js";

const SECURITY = "/portail/securite";
const UNCONFIRMED = "Opération abandonnée : votre mot de passe n’a pas été confirmé. Rien n’a été changé.";

/**
 * Opens a session. `code` is that of the second factor, or a recovery code.
 * @param {string} email
 * @param {string} password
 * @param {string} [code]
 * @returns {Promise<Answer<Session>>}
 */
export const signIn = (email, password, code) =>
  call("POST", "/sessions", { body: { email, password, code: code || undefined }, anonymous: true });

/** @param {unknown} problem */
export const wantsCode = (problem) => problem instanceof Problem && problem.code === "second-factor-needed";

/**
 * Returns the field of a second factor's code. Recovery codes have letters, so that the keyboard is not numeric.
 * @param {string} id
 */
export const codeField = (id) =>
  field(
    "Code de double authentification",
    { id, name: "code", autocomplete: "one-time-code", spellcheck: "false", autocapitalize: "off" },
    "Les six chiffres qu’affiche votre application, ou l’un de vos codes de secours.",
  );

/** @param {Problem} problem */
function explained({ status, message, errors, wait }) {
  if (status === 429 && wait > 0) return `Trop d’essais. Réessayez dans ${counted(Math.ceil(wait / 60), "minute")}.`;
  return errors.map(({ detail }) => detail).join(" ") || message;
}

/**
 * Asks for the password, and for a code if `coded` or if the service wants one. The first action calls `send`; after a
 * problem the dialog stays open. Resolves to the value of the pressed button.
 * @param {{
 *   id: string,
 *   title: string,
 *   content: Child[],
 *   actions: [value: string, label: string][],
 *   coded?: boolean,
 *   send: (password: string, code: string) => Promise<unknown>,
 * }} question
 */
function askPassword({ id, title, content, actions, coded = false, send }) {
  const password = h("input", {
    id,
    type: "password",
    autocomplete: "current-password",
    "aria-describedby": `${id}-problem`,
  });
  const trouble = h("p", { class: "error", id: `${id}-problem`, role: "alert" });
  const code = codeField(`${id}-code`);
  code.hidden = !coded;
  return ask({
    title,
    content: [...content, trouble, h("label", { for: id }, "Mot de passe"), password, code],
    actions,
    before: async (value) => {
      if (value !== actions[0][0]) return true;
      try {
        await send(password.value, $("input", code).value.trim());
        return true;
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        trouble.textContent = explained(problem);
        code.hidden &&= !wantsCode(problem);
        const ofCode = wantsCode(problem) || problem.errors.some(({ pointer }) => pointer === "/code");
        (ofCode ? $("input", code) : password).focus();
        return false;
      }
    },
  });
}

onRefusal("not-signed-in", async () => {
  const { account } = session.current() ?? {};
  if (!account) {
    location.assign("/portail");
    return false;
  }
  const answer = await askPassword({
    id: "again",
    title: "Votre session est terminée",
    content: [
      h("p", {}, "Reconnectez-vous pour continuer : rien de ce que vous avez tapé n’est perdu."),
      h("p", {}, "Compte : ", h("strong", {}, account.email)),
    ],
    actions: [
      ["in", "Se reconnecter"],
      ["other", "Changer de compte"],
    ],
    send: async (password, code) => session.open((await signIn(account.email, password, code)).body),
  });
  if (answer === "other") {
    session.close();
    location.assign("/portail");
  }
  if (answer === "in") announce("Vous êtes reconnecté(e).");
  return answer === "in";
});

onRefusal("confirmation-needed", async () => {
  /** @type {Answer<Me>} */
  const { body: me } = await get("/me");
  const answer = await askPassword({
    id: "confirmation",
    title: "Confirmez que c’est bien vous",
    content: [
      h("p", {}, "Cette opération est protégée : retapez votre mot de passe pour continuer."),
      h("p", {}, "Compte : ", h("strong", {}, me.account.email)),
    ],
    actions: [
      ["confirm", "Continuer"],
      ["cancel", "Annuler"],
    ],
    coded: me.secondFactor?.enrolled,
    send: confirm,
  });
  if (answer === "confirm") return true;
  throw new Problem(403, { type: "urn:problem:confirmation-needed", detail: UNCONFIRMED });
});

/**
 * @param {string} password
 * @param {string} code
 */
async function confirm(password, code) {
  try {
    await call("POST", "/sessions/current/confirmation", { body: { password, code: code || undefined }, quiet: true });
  } catch (problem) {
    // The session is over. The call that waited asks to sign in, which confirms as well.
    if (!(problem instanceof Problem) || problem.code !== "not-signed-in") throw problem;
  }
}

/** @param {Me} me */
export const mustEnrol = ({ secondFactor }) => secondFactor?.required === true && !secondFactor.enrolled;

/**
 * Leads to the page where the account gets the second factor that it must have. Never resolves, since the page is left.
 * @returns {Promise<never>}
 */
export function enrolFirst() {
  if (location.pathname !== SECURITY) {
    location.replace(`${SECURITY}?retour=${encodeURIComponent(location.pathname + location.search)}`);
  }
  return new Promise(() => {});
}

onRefusal("second-factor-required", enrolFirst);
