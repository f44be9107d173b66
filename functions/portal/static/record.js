// A patron's record: three tabs with a common save button.

import { get, Problem } from "./api.js";
import { changes, inOrder, reconcile } from "./conflict.js";
import { $, $$, announce, day, h, lastDay } from "./dom.js";
import { guarding, mended, revealing, submitting, typed } from "./form.js";
import { correcting, showHousehold } from "./household.js";
import { FIELDS, resourceBoxes, ticked, townByPostalCode } from "./person.js";
import { choosable, label, libraries, picker } from "./picker.js";
import { begin } from "./shell.js";
import { badge, fullName } from "./status.js";
import { statusPanel } from "./status-panel.js";
import { tabs } from "./tabs.js";

const NAMES = [...FIELDS, "resources", "libraryId"];

begin(async () => {
  const path = `/registrations/${encodeURIComponent(new URLSearchParams(location.search).get("id") ?? "")}`;
  const form = $("#record-form");
  const [answer, own, { body: resources }] = await Promise.all([get(path), libraries(), get("/resources")]);
  /** @type {Answer<Registration>} */
  let { body: record, etag } = answer;
  const choose = picker(form, "libraryId", choosable(own, [record.libraryId]));

  const fill = () => {
    for (const name of FIELDS) $(`[name=${name}]`, form).value = record[name] ?? "";
    choose(record.libraryId);
    resourceBoxes($("#resources"), resources.items, record.resources);
  };
  const take = (/** @type {Answer<Registration>} */ saved) => {
    ({ body: record, etag } = saved);
    summary(record);
    panel.show(record);
  };
  const mine = () =>
    changes(record, { ...typed(form), resources: inOrder(ticked($("#resources")), record.resources) }, NAMES);
  const dirty = () => mine().length > 0;
  const correct = correcting(form, path);
  /** @type {(wanted: Change[]) => Promise<boolean>} */
  const patch = async (wanted) => {
    const saved = await correct(wanted, etag);
    if (saved) take(saved);
    return saved !== null;
  };

  /** Saves the changes. Resolves to whether all of them are saved. */
  const save = async () => {
    const wanted = mine();
    if (wanted.length === 0) return true;
    try {
      if (!(await patch(wanted))) return false;
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 412) throw problem;
      if (!(await resolveConflict(wanted))) return false;
    }
    fill();
    return true;
  };

  /**
   * Merges the changes with those of another user, as the user decides. Resolves to whether all are saved.
   * @type {(wanted: Change[]) => Promise<boolean>}
   */
  const resolveConflict = async (wanted) => {
    const now = await get(path);
    const kept = await reconcile({ before: record, now: now.body, mine: wanted, show: texts(resources.items, own) });
    if (kept === null) return false;
    take(now);
    if (kept.length === 0) return true;
    try {
      return await patch(kept);
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 412) throw problem;
      return resolveConflict(kept);
    }
  };

  const panel = statusPanel({ path, dirty, save, take });
  const openTab = tabs(form);
  form.addEventListener("reveal", (event) => openTab(/** @type {CustomEvent} */ (event).detail));
  townByPostalCode(form);
  revealing(form);
  fill();
  summary(record);
  panel.show(record);
  $("#record").hidden = false;
  // Leads back to the page of the list from which the record was opened.
  $("#back").href += JSON.parse(sessionStorage.getItem("place") ?? "null")?.at ?? "";
  saving(form, dirty, save, openTab);
});

/**
 * Saves when the form is submitted, and shows beside the button whether all changes are saved.
 * @param {HTMLElement} form
 * @param {() => boolean} dirty
 * @param {() => Promise<boolean>} save
 * @param {(within: Node) => void} openTab
 */
function saving(form, dirty, save, openTab) {
  guarding(dirty);
  form.addEventListener("input", () => {
    $("#saved").textContent = dirty() ? "Modifications non enregistrées" : "";
  });
  submitting(form, async () => {
    mended();
    const all = await save();
    $("#saved").textContent = all ? "Enregistré" : "Modifications non enregistrées";
    if (all) announce("La fiche est enregistrée.");
    if ($$("[aria-invalid]", form).length > 0) openTab($("[aria-invalid]", form));
  });
}

/** @param {Registration} record */
function summary(record) {
  document.title = `${fullName(record)} – Ressources numériques de l’Oise`;
  $("h1").textContent = fullName(record);
  $("#summary").replaceChildren(
    badge(record.status),
    h("span", {}, `Inscrit le ${day(record.registeredOn)}, accès jusqu’au ${day(lastDay(record.expiresOn))} inclus`),
  );
  showHousehold(record.household ?? []);
}

/**
 * Returns a function that formats a field's value, resources and libraries by name.
 * @param {Resource[]} resources
 * @param {Library[]} libraries
 * @returns {(name: string, value: any) => string}
 */
function texts(resources, libraries) {
  const names = new Map(resources.map(({ id, name }) => [id, name]));
  const labels = new Map(libraries.map((library) => [library.id, label(library)]));
  return (name, value) => {
    if (name === "resources") return (value ?? []).map((/** @type {string} */ id) => names.get(id) ?? id).join(", ");
    return name === "libraryId" ? (labels.get(value) ?? value) : value;
  };
}
