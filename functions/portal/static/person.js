// The person's fields, for new registrations and records: the town of a postal code, and the checkboxes of resources.

import { $, $$, h } from "./dom.js";

const TOWNS = new URL("./towns.json", import.meta.url);

/**
 * Fills in the town of the postal code, or offers the towns if there are several.
 * @param {HTMLElement} form
 */
export function townByPostalCode(form) {
  const [code, town] = [$("#postalCode", form), $("#town", form)];
  const offered = h("datalist", { id: "towns" });
  town.after(offered);
  town.setAttribute("list", "towns");
  code.inputMode = "numeric";
  code.maxLength = 5;
  let filledIn = "";
  /** @type {Promise<Record<string, string[] | undefined>> | null} */
  let known = null;
  code.addEventListener("input", async () => {
    if (!/^\d{5}$/.test(code.value)) return;
    const asked = code.value;
    // Optional: without the list, the user types the town.
    known ??= fetch(TOWNS).then(
      (response) => (response.ok ? response.json() : {}),
      () => ({}),
    );
    const towns = (await known)[asked] ?? [];
    if (code.value !== asked) return;
    offered.replaceChildren(...towns.map((value) => h("option", { value })));
    if (town.value.trim() === "" || town.value === filledIn) {
      filledIn = towns.length === 1 ? towns[0] : "";
      town.value = filledIn;
      town.placeholder = towns.length > 1 ? `${towns.length} communes : choisissez` : "";
      town.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
}

/**
 * Adds a checkbox per resource and one for all. Resources that are no longer offered appear only if already chosen.
 * @param {HTMLElement} fieldset
 * @param {Resource[]} resources
 * @param {string[]} chosen
 */
export function resourceBoxes(fieldset, resources, chosen) {
  const offered = resources.filter(({ id, active }) => active || chosen.includes(id));
  const boxes = offered.map(({ id, name, active }) =>
    h(
      "label",
      { class: "box" },
      h("input", { type: "checkbox", name: "resources", value: id, checked: chosen.includes(id) }),
      h("span", {}, name, active ? null : " (n’est plus proposée)"),
    ),
  );
  const all = h("input", { type: "checkbox", id: "all-resources" });
  const inputs = boxes.map((box) => $("input", box));
  const mirror = () => {
    const count = inputs.filter((input) => input.checked).length;
    all.checked = count > 0 && count === inputs.length;
    all.indeterminate = count > 0 && count < inputs.length;
  };
  all.addEventListener("change", () => {
    for (const input of inputs) input.checked = all.checked;
  });
  fieldset.addEventListener("change", mirror);
  for (const old of $$(".box", fieldset)) old.remove();
  fieldset.append(h("label", { class: "box all" }, all, h("span", {}, "Toutes")), ...boxes);
  mirror();
}

/**
 * Returns the ids of the ticked resources.
 * @param {HTMLElement} fieldset
 */
export const ticked = (fieldset) => $$("input[name=resources]:checked", fieldset).map(({ value }) => value);

/**
 * The names of a person's fields in the API.
 * @type {(keyof Person)[]}
 */
export const FIELDS = [
  "lastName",
  "firstName",
  "birthDate",
  "email",
  "phone",
  "address",
  "postalCode",
  "town",
  "cardNumber",
];
