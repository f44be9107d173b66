// The second factor of an account: its state, enrolling in three steps, and the recovery codes, which are shown once.

import { call } from "./api.js";
import { confirmed } from "./dialog.js";
import { $, announce, h } from "./dom.js";
import { field, guarding, mended, pressing, submitting } from "./form.js";
import { qrCode } from "./qr.js";

const WHY =
  "Avec elle, chaque connexion demande aussi un code de votre téléphone : un mot de passe volé ne suffit plus pour entrer.";
const REQUIRED =
  "La double authentification est obligatoire pour les comptes de la MDO, qui ouvrent toutes les fiches des usagers. Activez-la pour continuer : il faut votre téléphone et deux minutes.";

const REPLACING =
  "Après la dernière étape, l’ancien téléphone et les anciens codes de secours ne serviront plus. Supprimez alors l’ancien compte dans l’application.";

/**
 * Shows the second factor of an account in its part of the page. `changed` is called after it was enrolled or removed.
 * @param {SecondFactor} factor
 * @param {Account} account
 * @param {() => unknown} changed
 */
export function secondFactor({ enrolled, required }, account, changed) {
  const lacking = required && !enrolled;
  const again = (/** @type {boolean} */ now) => {
    secondFactor({ enrolled: now, required }, account, changed);
    $("#second-factor h2").focus();
  };
  const settled = async (/** @type {boolean} */ now) => {
    again(now);
    announce(now ? "La double authentification est activée." : "La double authentification est retirée.");
    await changed();
  };
  const enrolling = h(
    "button",
    { type: "button" },
    enrolled ? "Remplacer (nouveau téléphone ou nouveaux codes)" : "Activer",
  );
  pressing(enrolling, async () => {
    mended();
    const { body } = await call("POST", "/me/second-factor");
    showSteps(
      body,
      enrolled,
      (codes) => showCodes(codes, account, () => settled(true)),
      () => again(enrolled),
    );
  });
  show(
    "Double authentification",
    lacking
      ? h("p", { class: "notice" }, REQUIRED)
      : h("p", {}, h("strong", {}, enrolled ? "Activée" : "Désactivée"), `. ${WHY}`),
    enrolled && required && h("p", { class: "hint" }, "Elle est obligatoire pour les comptes de la MDO."),
    h("div", { class: "actions" }, enrolling, enrolled && !required && removal(() => settled(false))),
  );
}

/**
 * @param {string} title
 * @param {...Child} content
 */
function show(title, ...content) {
  const place = $("#second-factor");
  place.replaceChildren(h("h2", { tabindex: "-1" }, title), ...content.filter((part) => part instanceof Node));
  place.hidden = false;
}

/** @param {() => Promise<void>} done */
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
    await done();
  });

/**
 * Shows the steps of enrolling, or of replacing the phone. `enrolled` gets the recovery codes.
 * @param {{ uri: string, secret: string }} offer
 * @param {boolean} replacing
 * @param {(codes: string[]) => void} enrolled
 * @param {() => void} cancel
 */
function showSteps({ uri, secret }, replacing, enrolled, cancel) {
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
      h("button", { type: "button", class: "secondary", onclick: cancel }, "Annuler"),
    ),
  );
  submitting(form, async ({ code }) => {
    enrolled((await call("PUT", "/me/second-factor", { body: { code } })).body.recoveryCodes);
  });
  show(
    replacing ? "Remplacer le téléphone et les codes de secours" : "Activer la double authentification",
    replacing && h("p", { class: "notice" }, REPLACING),
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

/**
 * Puts a space after each four signs of a secret, for reading and typing.
 * @param {string} secret
 */
const grouped = (secret) => secret.replace(/(.{4})(?=.)/g, "$1 ");

/**
 * Shows the recovery codes until the user has noted them. The sessions are hidden, so that a print has only the codes.
 * @param {string[]} codes
 * @param {Account} account
 * @param {() => unknown} done
 */
function showCodes(codes, { email }, done) {
  let noted = false;
  guarding(() => !noted);
  $("#sessions").hidden = true;
  const copied = h("p", { role: "status" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
      copied.textContent = "Les codes sont copiés.";
    } catch {
      copied.textContent = "La copie n’est pas possible ici : imprimez les codes ou notez-les.";
    }
  };
  const finish = pressing(h("button", { type: "button" }, "J’ai noté mes codes"), async () => {
    noted = true;
    await done();
  });
  show(
    "Vos codes de secours",
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
      finish,
      h("button", { type: "button", class: "secondary", onclick: copy }, "Copier"),
      h("button", { type: "button", class: "secondary", onclick: () => print() }, "Imprimer"),
    ),
  );
  $("#second-factor h2").focus();
}
