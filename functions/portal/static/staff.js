import { directory, input } from "./directory.js";
import { h } from "./dom.js";
import { label, libraries } from "./picker.js";
import { begin } from "./shell.js";

const ROLES = { librarian: "Bibliothécaire", county: "MDO" };

begin(async (account) => {
  const all = await libraries();
  const names = new Map(all.map((library) => [library.id, label(library)]));
  const choice = (member) => {
    const box = ({ id }) =>
      h(
        "label",
        { class: "box" },
        h("input", { type: "checkbox", name: "library", value: id, checked: member?.libraryIds.includes(id) }),
        h("span", {}, names.get(id)),
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
  };
  const role = (member) => {
    const radio = (value) =>
      h(
        "label",
        { class: "box" },
        h("input", { type: "radio", name: "role", value, checked: (member?.role ?? "librarian") === value }),
        h("span", {}, ROLES[value]),
      );
    return h(
      "fieldset",
      { class: "field", "data-field": "role" },
      h("legend", {}, "Rôle"),
      radio("librarian"),
      radio("county"),
    );
  };
  await directory({
    path: "/staff",
    one: "compte",
    many: "comptes",
    text: ({ email, displayName, libraryIds }) =>
      [displayName, email, ...libraryIds.map((id) => names.get(id) ?? id)].join(" "),
    columns: [
      ["Nom", ({ displayName }) => displayName],
      ["Adresse e-mail", ({ email }) => email],
      ["Rôle", (member) => ROLES[member.role]],
      [
        "Bibliothèques",
        (member) =>
          member.role === "county" ? "toutes" : member.libraryIds.map((id) => names.get(id) ?? id).join(" ; "),
      ],
    ],
    edit: (member) => ({
      title: member ? member.displayName : "Ajouter un compte",
      content: [
        input("email", "Adresse e-mail", member?.email, {
          type: "email",
          readonly: Boolean(member),
          hint: "Un nouveau compte choisit son mot de passe par « mot de passe oublié ».",
        }),
        input("displayName", "Nom affiché", member?.displayName),
        role(member),
        choice(member),
      ],
      request: ({ email = " ", displayName, role: chosen }, form) => ({
        path: `/staff/${encodeURIComponent(email.trim() || " ")}`,
        body: { displayName, role: chosen, libraryIds: new FormData(form).getAll("library") },
      }),
      remove:
        member && member.email !== account.email
          ? { text: "Retirer ce compte", path: `/staff/${encodeURIComponent(member.email)}` }
          : null,
    }),
  });
});
