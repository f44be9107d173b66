import { directory, input, tick } from "./directory.js";
import { h } from "./dom.js";
import { fold } from "./search.js";
import { begin } from "./shell.js";

/**
 * Derives a resource id from a name: `La souris qui raconte` → `la-souris-qui-raconte`.
 * @param {string} name
 */
const code = (name) =>
  name
    .split(/[^\p{L}\p{N}]+/u)
    .map(fold)
    .filter(Boolean)
    .join("-")
    .slice(0, 60);

begin(() =>
  directory({
    path: "/resources",
    key: "id",
    one: "ressource",
    many: "ressources",
    text: (/** @type {Resource} */ { id, name }) => `${name} ${id}`,
    columns: [
      ["Nom", ({ name }) => name],
      ["Adresse", ({ url }) => (url ? h("a", { href: url, rel: "noopener" }, url) : "sans adresse")],
      ["Proposée", ({ active }) => (active ? "oui" : "non : reste sur les anciennes inscriptions")],
    ],
    edit: (resource) => ({
      item: resource,
      names: { name: "Nom", url: "Adresse", active: "Proposée aux usagers" },
      show: (name, value) => (name === "active" ? (value ? "oui" : "non") : (value ?? "")),
      title: resource ? resource.name : "Ajouter une ressource",
      content: [
        input("name", "Nom", resource?.name),
        input("url", "Adresse (facultatif)", resource?.url, {
          type: "url",
          hint: "Où les usagers l’ouvrent : https://…",
        }),
        tick("active", "Proposée aux usagers", resource?.active ?? true),
      ],
      request: ({ name, url, active }) => ({
        path: `/resources/${encodeURIComponent(resource?.id ?? (code(name ?? "") || "ressource"))}`,
        body: { name, url, active: active !== undefined },
      }),
    }),
  }),
);
