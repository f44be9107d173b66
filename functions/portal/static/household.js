// Households: several persons who share one e-mail address, and so one account (rules, section 7).

import { call, Problem } from "./api.js";
import { ask } from "./dialog.js";
import { $, h } from "./dom.js";
import { fullName } from "./status.js";

/**
 * Returns a function that sends a registration or a correction by `send(more)`. If its `email` already has an account,
 * the function asks once whether the person shares the household, and sends again with that confirmation. Resolves to
 * the answer, or to `null` for "no": the focus is then on the e-mail address.
 * @param {HTMLElement} form
 */
export function askingHousehold(form) {
  // The confirmed address: a request that has to be sent again asks nothing.
  let confirmed = "";
  /** @type {(email: string, send: (more: { household?: true }) => Promise<Answer>) => Promise<Answer | null>} */
  const sending = async (email, send) => {
    try {
      return await send(email && email === confirmed ? { household: true } : {});
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.code === "household-full") problem.errors = [{ pointer: "/email", detail: problem.message }];
      if (problem.code !== "address-shared") throw problem;
    }
    if (await isShared(email)) {
      confirmed = email;
      return sending(email, send);
    }
    const field = $("[name=email]", form);
    form.dispatchEvent(new CustomEvent("reveal", { detail: field }));
    field.focus();
    return null;
  };
  return sending;
}

/** @param {string} email */
async function isShared(email) {
  const answer = await ask({
    title: "Est-ce une personne du même foyer ?",
    content: [
      h("p", {}, "L’adresse e-mail ", h("strong", {}, email), " a déjà un compte."),
      h(
        "p",
        {},
        "Les personnes d’un même foyer peuvent partager ce compte. Chacune verra alors cette inscription. Chaque adulte du foyer doit être d’accord.",
      ),
      h("p", {}, "Sinon, il faut une autre adresse e-mail."),
    ],
    actions: [
      ["yes", "Oui, même foyer"],
      ["no", "Non"],
    ],
  });
  return answer === "yes";
}

/**
 * Returns a function that sends changes of the record at `path`. Resolves as `askingHousehold` does.
 * @param {HTMLElement} form
 * @param {string} path
 */
export function correcting(form, path) {
  const sending = askingHousehold(form);
  return async (/** @type {Change[]} */ changes, /** @type {string | null} */ etag) => {
    const body = Object.fromEntries(changes);
    const headers = { "if-match": etag ?? "" };
    const email = String(body.email ?? "");
    const saved = await sending(email, (more) => call("PATCH", path, { body: { ...body, ...more }, headers }));
    if (saved && email) showMoved(email);
    return saved;
  };
}

/**
 * Shows the members of the household that the user may see.
 * @param {NonNullable<Registration["household"]>} members
 */
export function showHousehold(members) {
  const link = (/** @type {typeof members[0]} */ member) =>
    h("li", {}, h("a", { href: `/portail/abonne?id=${member.id}` }, fullName(member)));
  $("#household ul").replaceChildren(...members.map(link));
  $("#household").hidden = members.length === 0;
}

/**
 * Shows what a changed e-mail address means for signing in.
 * @param {string} email
 */
function showMoved(email) {
  const text = `L’inscription est rattachée à ${email}. Le mot de passe de l’ancienne adresse n’a pas suivi : si la nouvelle n’en a pas encore, l’usager le choisit par « Mot de passe oublié ».`;
  $("#moved").replaceChildren(h("p", { class: "notice" }, text));
}
