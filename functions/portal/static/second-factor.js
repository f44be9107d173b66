// The second factor of an account: its state, enrolling in three steps, and the recovery codes, which are shown once.

import { call } from "./api.js";
import { confirmed } from "./dialog.js";
import { $, announce, h } from "./dom.js";
import { field, guarding, mended, pressing, submitting } from "./form.js";
import { qrCode } from "./qr.js";

const WHY =
  "En plus de votre mot de passe, un code de votre téléphone est demandé à chaque connexion : un mot de passe volé ne suffit alors plus pour entrer.";
const REQUIRED =
  "La double authentification est obligatoire pour les comptes de la MDO, qui ouvrent toutes les fiches des usagers. Activez-la pour continuer : il faut votre téléphone et deux minutes.";

/**
 * Shows the second factor of an account in its part of the page. `done` is called after enrolling an account that had to;
 * without it, the part shows the new state.
 * @param {SecondFactor} factor
 * @param {Account} account
 * @param {() => void} [done]
 */
export function secondFactor({ enrolled, required }, account, done) {
  const again = (/** @type {boolean} */ now) => secondFactor({ enrolled: now, required }, account);
  const begin = (/** @type {string} */ text) =>
    pressing(h("button", { type: "button" }, text), async () => {
      mended();
      const { body } = await call("POST", "/me/second-factor");
      steps(
        body,
        (codes) => recoveryCodes(codes, account, () => (done ? done() : settled(again, true))),
        () => secondFactor({ enrolled, required }, account, done),
      );
    });
  const state = enrolled ? "Activée" : "Désactivée";
  show(
    h("h2", { tabindex: "-1" }, "Double authentification"),
    done ? h("p", { class: "notice" }, REQUIRED) : h("p", {}, h("strong", {}, state), `. ${WHY}`),
    h(
      "div",
      { class: "actions" },
      begin(enrolled ? "Remplacer (nouveau téléphone)" : "Activer la double authentification"),
      enrolled && !required && removal(() => settled(again, false)),
    ),
    enrolled && required && h("p", { class: "hint" }, "Elle est obligatoire pour les comptes de la MDO."),
  );
}

/** @param {...(Child)} children */
function show(...children) {
  const place = $("#second-factor");
  place.replaceChildren(...children.filter((child) => child instanceof Node));
  place.hidden = false;
}

/**
 * Shows the state after a change, and moves the focus there.
 * @param {(enrolled: boolean) => void} again
 * @param {boolean} enrolled
 */
function settled(again, enrolled) {
  again(enrolled);
  $("#second-factor h2").focus();
  announce(enrolled ? "La double authentification est activée." : "La double authentification est retirée.");
}

/** @param {() => void} done */
const removal = (done) =>
  pressing(h("button", { type: "button", class: "secondary" }, "Retirer"), async () => {
    mended();
    const sure = await confirmed(
      "Retirer la double authentification ?",
      "Votre mot de passe suffira de nouveau pour entrer, et vos codes de secours ne serviront plus.",
      "Retirer",
      "danger",
    );
    if (!sure) return;
    await call("DELETE", "/me/second-factor");
    done();
  });

/**
 * Shows the steps of enrolling. `enrolled` gets the recovery codes.
 * @param {{ uri: string, secret: string }} offer
 * @param {(codes: string[]) => void} enrolled
 * @param {() => void} cancel
 */
function steps({ uri, secret }, enrolled, cancel) {
  const form = h(
    "form",
    { novalidate: true, method: "post" },
    field(
      "Code à six chiffres",
      { id: "code", name: "code", inputmode: "numeric", autocomplete: "one-time-code" },
      "Il change toutes les trente secondes.",
    ),
    h(
      "div",
      { class: "actions" },
      h("button", { type: "submit" }, "Vérifier le code"),
      h("button", { type: "button", class: "secondary", onclick: () => cancelled(cancel) }, "Annuler"),
    ),
  );
  submitting(form, async ({ code = "" }) => {
    enrolled((await call("PUT", "/me/second-factor", { body: { code: code.trim() } })).body.recoveryCodes);
  });
  show(
    h("h2", { tabindex: "-1" }, "Activer la double authentification"),
    h("h3", {}, "1. Ouvrez une application d’authentification sur votre téléphone"),
    h("p", {}, "Vous n’en avez pas ? Installez-en une, gratuite : FreeOTP ou Google Authenticator, par exemple."),
    h("h3", {}, "2. Ajoutez-y ce compte en scannant ce code"),
    qrCode(uri, "Code QR à scanner avec l’application"),
    h("p", {}, "Impossible de le scanner ? Tapez cette clé dans l’application : ", h("code", {}, grouped(secret)), "."),
    h("p", {}, "Vous lisez cette page sur votre téléphone ? ", h("a", { href: uri }, "Ouvrez l’application"), "."),
    h("h3", {}, "3. Tapez le code qu’elle affiche"),
    form,
  );
  $("#second-factor h2").focus();
}

/** @param {() => void} cancel */
function cancelled(cancel) {
  cancel();
  $("#second-factor h2").focus();
}

/**
 * Puts a space after each four signs of a secret, for reading and typing.
 * @param {string} secret
 */
export const grouped = (secret) => secret.replace(/(.{4})(?=.)/g, "$1 ");

/**
 * Shows the recovery codes until the user has noted them. The rest of the page is hidden, so that a print has only them.
 * @param {string[]} codes
 * @param {Account} account
 * @param {() => void} done
 */
function recoveryCodes(codes, { email }, done) {
  let noted = false;
  const others = $("#sessions");
  const before = others.hidden;
  others.hidden = true;
  guarding(() => !noted);
  const copied = h("p", { role: "status" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
      copied.textContent = "Les codes sont copiés.";
    } catch {
      copied.textContent = "La copie n’est pas possible ici : imprimez les codes ou notez-les.";
    }
  };
  const finish = () => {
    noted = true;
    others.hidden = before;
    done();
  };
  const button = (/** @type {string} */ text, /** @type {() => void} */ onclick, kind = "secondary") =>
    h("button", { type: "button", class: kind || null, onclick }, text);
  show(
    h("h2", { tabindex: "-1" }, "Vos codes de secours"),
    h(
      "p",
      {},
      "La double authentification est activée. Gardez ces dix codes en lieu sûr, ailleurs que sur votre téléphone : si vous le perdez, chacun remplace une fois le code de l’application. Ils ne seront plus affichés.",
    ),
    h("p", {}, "Compte : ", h("strong", {}, email)),
    h("ol", { class: "codes" }, ...codes.map((code) => h("li", {}, h("code", {}, code)))),
    copied,
    h(
      "div",
      { class: "actions" },
      button("J’ai noté mes codes", finish, ""),
      button("Copier", copy),
      button("Imprimer", () => print()),
    ),
  );
  $("#second-factor h2").focus();
}
