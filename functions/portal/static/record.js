// A patron's record: three tabs, one "enregistrer".

import { call, get, Problem } from "./api.js";
import { changes, reconcile } from "./conflict.js";
import { $, $$, announce, day, h } from "./dom.js";
import { guarding, mended, revealing, submitting, typed } from "./form.js";
import { FIELDS, resourceBoxes, ticked, townByPostalCode } from "./person.js";
import { label, libraries, picker } from "./picker.js";
import { begin } from "./shell.js";
import { badge, fullName } from "./status.js";
import { statusPanel } from "./status-panel.js";
import { tabs } from "./tabs.js";

const NAMES = [...FIELDS, "resources", "libraryId"];

begin(async () => {
  const id = new URLSearchParams(location.search).get("id") ?? "";
  const path = `/registrations/${encodeURIComponent(id)}`;
  const form = $("#record-form");
  const [answer, own, { body: resources }] = await Promise.all([get(path), libraries(), get("/resources")]);
  const names = new Map(resources.items.map((resource) => [resource.id, resource.name]));
  const towns = new Map(own.map((library) => [library.id, label(library)]));
  let { body: record, etag } = answer;
  const choose = picker(form, "libraryId", own);

  const fill = () => {
    for (const name of FIELDS) $(`[name=${name}]`, form).value = record[name] ?? "";
    choose(record.libraryId);
    resourceBoxes($("#resources"), resources.items, record.resources);
  };
  const summary = () => {
    document.title = `${fullName(record)} – Ressources numériques de l’Oise`;
    $("h1").textContent = fullName(record);
    $("#summary").replaceChildren(
      badge(record.status),
      h("span", {}, `Inscrit le ${day(record.registeredOn)}, fin le ${day(record.expiresOn)}`),
    );
  };
  const take = (saved) => {
    ({ body: record, etag } = saved);
    summary();
    panel.show(record);
  };
  const mine = () =>
    changes(record, { ...typed(form), resources: inOrder(ticked($("#resources")), record.resources) }, NAMES);
  const dirty = () => mine().length > 0;

  /** Saves what was changed; answers whether all is saved. */
  const save = async () => {
    const wanted = mine();
    if (wanted.length === 0) return true;
    try {
      take(await call("PATCH", path, { body: Object.fromEntries(wanted), headers: { "if-match": etag } }));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.code === "email-taken") problem.errors = [{ pointer: "/email", detail: problem.message }];
      if (problem.status !== 412) throw problem;
      if (!(await settle(wanted))) return false;
    }
    fill();
    return true;
  };

  /** After a conflict: both sides' changes, as the caller decides. */
  const settle = async (wanted) => {
    const now = await get(path);
    const show = (name, value) => {
      if (name === "resources") return (value ?? []).map((resource) => names.get(resource) ?? resource).join(", ");
      return name === "libraryId" ? (towns.get(value) ?? value) : value;
    };
    const kept = await reconcile({ before: record, now: now.body, mine: wanted, show });
    if (kept === null) return false;
    take(now);
    if (kept.length > 0) {
      try {
        take(await call("PATCH", path, { body: Object.fromEntries(kept), headers: { "if-match": etag } }));
      } catch (problem) {
        if (!(problem instanceof Problem) || problem.status !== 412) throw problem;
        return settle(kept);
      }
    }
    return true;
  };

  const panel = statusPanel({ path, dirty, save, take: (saved) => take(saved), own: towns });
  const openTab = tabs(form);
  form.addEventListener("reveal", ({ detail }) => openTab(detail));
  townByPostalCode(form);
  revealing(form);
  fill();
  summary();
  panel.show(record);
  $("#record").hidden = false;
  // Back to the very page of the list that one came from.
  $("#back").href += JSON.parse(sessionStorage.getItem("place"))?.at ?? "";
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
});

/** The ticked ids in the record's own order, so that ticking one off and on again is no change. */
function inOrder(ids, before) {
  const kept = before.filter((id) => ids.includes(id));
  return [...kept, ...ids.filter((id) => !kept.includes(id))];
}
