// The person's fields, of a new registration and of a record alike: the town that a postal code stands for, and the
// boxes of the resources.

import { $, $$, h } from "./dom.js";

const TOWNS = new URL("./towns.json", import.meta.url);

/** Fills the town in from the postal code, where it stands for one; offers them where it stands for several. */
export function townByPostalCode(form) {
  const [code, town] = [$("#postalCode", form), $("#town", form)];
  const offered = h("datalist", { id: "towns" });
  town.after(offered);
  town.setAttribute("list", "towns");
  code.inputMode = "numeric";
  code.maxLength = 5;
  let filledIn = "";
  let known = null;
  code.addEventListener("input", async () => {
    if (!/^\d{5}$/.test(code.value)) return;
    const asked = code.value;
    // Only a help: without the list, the town is typed.
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
 * Boxes for the resources, with one for all. Those that the county no longer offers stand on old registrations only.
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

/** The resources that are ticked. */
export const ticked = (fieldset) => $$("input[name=resources]:checked", fieldset).map(({ value }) => value);

/** A form's person, as the API takes it. */
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
