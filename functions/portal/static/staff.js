import { inOrder } from "./conflict.js";
import { directory, input } from "./directory.js";
import { h, moment } from "./dom.js";
import { choosable, label, libraries } from "./picker.js";
import { begin } from "./shell.js";

/** @type {Record<string, string>} */
const ROLES = { librarian: "Bibliothécaire", county: "MDO" };

begin(async (account) => {
  const all = await libraries();
  const names = new Map(all.map((library) => [library.id, label(library)]));
  const namesOf = (/** @type {{ libraryIds: string[] }} */ { libraryIds }) =>
    libraryIds.map((id) => names.get(id) ?? id);
  await directory({
    path: "/staff",
    key: "email",
    one: "compte",
    many: "comptes",
    text: (/** @type {Member} */ member) => [member.displayName, member.email, ...namesOf(member)].join(" "),
    columns: [
      ["Nom", ({ displayName }) => displayName],
      ["Adresse e-mail", address],
      ["Rôle", (member) => ROLES[member.role]],
      ["Bibliothèques", (member) => (member.role === "county" ? "toutes" : namesOf(member).join(" ; "))],
      ["Dernière connexion", ({ lastSignInAt }) => (lastSignInAt ? moment(lastSignInAt) : "jamais connecté(e)")],
    ],
    edit: (member) => ({
      item: member,
      names: { displayName: "Nom affiché", role: "Rôle", libraryIds: "Bibliothèques" },
      show: (name, value) => {
        if (name === "libraryIds") return namesOf({ libraryIds: value ?? [] }).join(" ; ");
        return name === "role" ? ROLES[value] : value;
      },
      title: member ? member.displayName : "Ajouter un compte",
      content: [
        input("email", "Adresse e-mail", member?.email, {
          type: "email",
          readonly: Boolean(member),
          hint: member?.mailState
            ? "Cette adresse a refusé un message, et n’en reçoit plus. Si elle est bonne, enregistrez : elle en recevra de nouveau."
            : "Un nouveau compte reçoit une invitation, et choisit lui-même son mot de passe.",
        }),
        input("displayName", "Nom affiché", member?.displayName),
        roleChoice(member?.role ?? "librarian"),
        libraryChoice(choosable(all, member?.libraryIds), member?.libraryIds ?? []),
      ],
      request: ({ email = " ", displayName, role: chosen }, form) => ({
        path: `/staff/${encodeURIComponent(email.trim() || " ")}`,
        body: { displayName, role: chosen, libraryIds: inOrder(ticked(form), member?.libraryIds ?? []) },
      }),
      others: member && member.email !== account.email ? others(member) : [],
    }),
  });
});

/**
 * Returns what can be done with the account of a colleague.
 * @param {Member} member
 * @returns {Other[]}
 */
function others({ email, displayName }) {
  const path = `/staff/${encodeURIComponent(email)}`;
  return [
    {
      text: "Renvoyer l’invitation",
      method: "POST",
      path: `${path}/invitation`,
      kind: "secondary",
      done: `L’invitation est partie à ${email}.`,
    },
    {
      text: "Mettre fin à ses sessions",
      method: "DELETE",
      path: `${path}/sessions`,
      kind: "secondary",
      question: [
        `Mettre fin aux sessions du compte « ${displayName} » ?`,
        "Cette personne sera déconnectée de tous ses appareils, et devra se connecter de nouveau. Elle et la MDO en reçoivent un e-mail.",
        "Mettre fin aux sessions",
      ],
      done: `Le compte « ${displayName} » n’a plus aucune session ouverte.`,
    },
    {
      text: "Retirer la double authentification",
      method: "DELETE",
      path: `${path}/second-factor`,
      kind: "danger",
      question: [
        `Retirer la double authentification du compte « ${displayName} » ?`,
        "À faire si cette personne a perdu son téléphone et ses codes de secours, et si vous êtes sûr(e) que c’est elle qui le demande : appelez-la. Si ce compte en a une, ses sessions prennent fin ; cette personne et la MDO en reçoivent un e-mail.",
        "Retirer la double authentification",
      ],
      done: `Le compte « ${displayName} » n’a plus de double authentification.`,
    },
    {
      text: "Retirer ce compte",
      method: "DELETE",
      path,
      kind: "danger",
      question: [
        `Retirer le compte « ${displayName} » (${email}) ?`,
        "Cette personne ne pourra plus gérer d’inscriptions, dès maintenant. Elle et la MDO en reçoivent un e-mail.",
        "Retirer ce compte",
      ],
      done: `Le compte « ${displayName} » est retiré.`,
    },
  ];
}

/** @param {Member} member */
const address = ({ email, mailState }) =>
  h("span", {}, email, " ", mailState && h("span", { class: "due" }, "E-mail refusé"));

/** @param {HTMLFormElement} form */
const ticked = (form) => new FormData(form).getAll("library").map(String);

/** @param {StaffRole} chosen */
function roleChoice(chosen) {
  const radio = (/** @type {StaffRole} */ value) =>
    h(
      "label",
      { class: "box" },
      h("input", { type: "radio", name: "role", value, checked: chosen === value }),
      h("span", {}, ROLES[value]),
    );
  return h(
    "fieldset",
    { class: "field", "data-field": "role" },
    h("legend", {}, "Rôle"),
    h(
      "p",
      { class: "hint" },
      "Qui reçoit plus de droits perd son mot de passe, et reçoit un lien pour en choisir un autre.",
    ),
    radio("librarian"),
    radio("county"),
  );
}

/**
 * @param {Library[]} all
 * @param {string[]} chosen
 */
function libraryChoice(all, chosen) {
  const box = (/** @type {Library} */ library) =>
    h(
      "label",
      { class: "box" },
      h("input", { type: "checkbox", name: "library", value: library.id, checked: chosen.includes(library.id) }),
      h("span", {}, label(library)),
    );
  return h(
    "fieldset",
    { class: "field", "data-field": "libraryIds" },
    h("legend", {}, "Bibliothèques (pour une bibliothécaire)"),
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "group", "aria-label": "Bibliothèques du réseau" },
      ...all.map(box),
    ),
  );
}
