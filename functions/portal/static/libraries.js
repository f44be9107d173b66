import { directory, input, tick } from "./directory.js";
import { label } from "./picker.js";
import { begin } from "./shell.js";

/**
 * @param {Library} library
 * @returns {Question}
 */
const closing = (library) => [
  `Fermer la bibliothèque ${label(library)} ?`,
  "Plus personne ne pourra y être inscrit, ni y être déplacé. Ses inscriptions restent, et ses bibliothécaires les gèrent comme avant. Vous pourrez la rouvrir.",
  "Fermer la bibliothèque",
];

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
      ["Inscriptions", ({ active }) => (active ? "ouvertes" : "fermées")],
      ["Code", ({ id }) => id],
    ],
    edit: (library) => ({
      item: library,
      names: {
        name: "Nom",
        town: "Commune",
        postalCode: "Code postal",
        email: "Adresse e-mail",
        active: "Ouverte aux nouvelles inscriptions",
      },
      show: (name, value) => (name === "active" ? (value ? "oui" : "non") : (value ?? "")),
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
        tick("active", "Ouverte aux nouvelles inscriptions", library?.active ?? true),
      ],
      asks: ({ active }) => (library?.active && !active ? closing(library) : null),
      request: ({ id = " ", active, ...body }) => ({
        path: `/libraries/${encodeURIComponent(id.trim() || " ")}`,
        body: { ...body, active: active !== undefined },
      }),
    }),
  }),
);
