import { directory, input } from "./directory.js";
import { begin } from "./shell.js";

begin(() =>
  directory({
    path: "/libraries",
    key: "id",
    one: "bibliothèque",
    many: "bibliothèques",
    text: (/** @type {Library} */ { id, name, town, postalCode, email }) =>
      [town, postalCode, name, id, email].filter(Boolean).join(" "),
    columns: [
      ["Commune", ({ town }) => town],
      ["Code postal", ({ postalCode }) => postalCode],
      ["Nom", ({ name }) => name],
      ["Adresse e-mail", ({ email }) => email ?? "sans adresse"],
      ["Code", ({ id }) => id],
    ],
    edit: (library) => ({
      item: library,
      names: { name: "Nom", town: "Commune", postalCode: "Code postal", email: "Adresse e-mail" },
      show: (_, value) => value ?? "",
      title: library ? `${library.town} : ${library.name}` : "Ajouter une bibliothèque",
      content: [
        input("id", "Code", library?.id, { hint: "Celui du ministère : LI10511.", readonly: Boolean(library) }),
        input("name", "Nom", library?.name ?? "Bibliothèque municipale"),
        input("town", "Commune", library?.town),
        input("postalCode", "Code postal", library?.postalCode),
        input("email", "Adresse e-mail (facultatif)", library?.email, {
          type: "email",
          hint: "Là vont les avertissements. Sans adresse, la MDO est avertie directement.",
        }),
      ],
      request: ({ id = " ", ...body }) => ({ path: `/libraries/${encodeURIComponent(id.trim() || " ")}`, body }),
    }),
  }),
);
