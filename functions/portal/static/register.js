import { call, get } from "./api.js";
import { $, day, debounce, h, lastDay, longDay } from "./dom.js";
import { guarding, pressing, submitting } from "./form.js";
import { askingHousehold } from "./household.js";
import { generated, showRule } from "./password.js";
import { resourceBoxes, ticked, townByPostalCode } from "./person.js";
import { choosable, libraries, picker } from "./picker.js";
import { fold } from "./search.js";
import { begin } from "./shell.js";
import { badge, fullName, waiting } from "./status.js";

const KEPT =
  "Cette adresse e-mail avait déjà un compte : il garde son mot de passe. Un mot de passe provisoire n’y change rien.";

begin(async () => {
  const form = $("#register");
  const [own, { body: resources }] = await Promise.all([libraries(), get("/resources")]);
  picker(form, "libraryId", choosable(own));
  resourceBoxes($("#resources"), resources.items, []);
  townByPostalCode(form);
  const check = showRule($("#password-rule"), $("#password"));
  $("#generate").addEventListener("click", () => {
    $("#password").value = generated();
    check();
  });
  let dirty = false;
  form.addEventListener("input", () => {
    dirty = true;
  });
  guarding(() => dirty);
  warnOfDuplicates(form);

  // One idempotency key per content, so that sending the same form again creates no second registration.
  let key = crypto.randomUUID();
  let sent = "";
  const post = (/** @type {object} */ body) => {
    const content = JSON.stringify(body);
    if (sent !== "" && sent !== content) key = crypto.randomUUID();
    sent = content;
    return call("POST", "/registrations", { body, headers: { "idempotency-key": key } });
  };
  const sending = askingHousehold(form);
  submitting(form, async (typed) => {
    const body = { ...typed, resources: ticked($("#resources")) };
    const made = await sending(typed.email ?? "", (more) => post({ ...body, ...more }));
    if (!made) return;
    dirty = false;
    registered(form, made.body);
  });
});

/**
 * @param {HTMLElement} form
 * @param {Registration} made
 */
function registered(form, made) {
  const place = $("#registered");
  const record = `/portail/abonne?id=${made.id}`;
  const activate = h("button", { type: "button" }, "Activer maintenant");
  const next = h("p", {}, "Vérifiez sa fiche, puis activez-la. ", waiting(made), ".");
  place.replaceChildren(
    h("h2", {}, `${fullName(made)} est inscrit`),
    h(
      "p",
      {},
      badge(made.status),
      ` depuis le ${day(made.registeredOn)}, jusqu’au ${day(lastDay(made.expiresOn))} inclus.`,
    ),
    made.passwordIgnored ? h("p", {}, KEPT) : "",
    next,
    h(
      "div",
      { class: "actions" },
      h("a", { class: "button", href: record }, "Vérifier la fiche"),
      made.actions.activation.allowed && activate,
      h("a", { href: "/portail/inscription" }, "Inscrire un autre usager"),
    ),
  );
  pressing(activate, async () => {
    const { body: active } = await call("POST", `/registrations/${made.id}/activation`);
    $(".status", place).replaceWith(badge(active.status));
    next.textContent = `L’abonnement est ouvert jusqu’au ${longDay(lastDay(active.expiresOn))} inclus. L’usager en est averti par e-mail.`;
    activate.remove();
    place.focus();
  });
  form.hidden = true;
  place.hidden = false;
  place.focus();
}

/**
 * Warns if a patron with the same name and birth date is registered in the user's libraries.
 * @param {HTMLElement} form
 */
function warnOfDuplicates(form) {
  const fields = ["lastName", "firstName", "birthDate"].map((name) => $(`[name=${name}]`, form));
  const place = $("#duplicates");
  let latest = "";
  const look = debounce(400, async () => {
    const [lastName, firstName, birthDate] = fields.map(({ value }) => value.trim());
    const wanted = [fold(lastName), fold(firstName), birthDate].join(" ");
    if (wanted === latest) return;
    latest = wanted;
    place.replaceChildren();
    if (!fold(lastName) || !fold(firstName) || !birthDate) return;
    // Optional: if the service does not answer, submitting the form will show the problem.
    const search = `/registrations?limit=100&q=${encodeURIComponent(lastName.slice(0, 100))}`;
    const answer = await get(search, { quiet: true }).catch(() => null);
    if (wanted !== latest || !answer) return;
    const same = (/** @type {Registration} */ other) =>
      other.birthDate === birthDate &&
      fold(other.lastName) === fold(lastName) &&
      fold(other.firstName) === fold(firstName);
    const found = answer.body.items.filter(same);
    if (found.length === 0) return;
    const line = (/** @type {Registration} */ other) =>
      h(
        "li",
        {},
        h("a", { href: `/portail/abonne?id=${other.id}`, target: "_blank" }, fullName(other)),
        ` (${other.email}) `,
        badge(other.status),
      );
    place.append(
      h(
        "div",
        { class: "notice" },
        h("p", {}, h("strong", {}, "Cet usager est peut-être déjà inscrit :")),
        h("ul", {}, ...found.map(line)),
      ),
    );
  });
  for (const field of fields) field.addEventListener("input", look);
}
