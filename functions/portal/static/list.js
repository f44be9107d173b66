// "Mes abonnés ressources numériques". The view is in the URL, so that it can be bookmarked, shared, reloaded and
// reached by the back button.

import { get } from "./api.js";
import { together } from "./batch.js";
import { $, $$, announce, counted, day, debounce, h, unseen } from "./dom.js";
import { save } from "./export.js";
import { pressing } from "./form.js";
import { address, fetchPage, laidOver, query, read, STATUSES } from "./list-view.js";
import { label, libraries, picker } from "./picker.js";
import { attempt, begin } from "./shell.js";
import { badge, fullName, waiting } from "./status.js";

const OPTIONS = { pending: "Usagers en attente", active: "Usagers validés", expired: "Usagers expirés" };

/** The current view, as in the URL. */
let view = read();
/** @type {{ items: Registration[], next?: string | null }} */
let shown = { items: [] };
/** @type {{ libraries: Map<string, string>, resources: Map<string, string>, several: boolean }} */
let known = { libraries: new Map(), resources: new Map(), several: false };
/** Number of loads begun. An answer that is not of the latest load is discarded. */
let loads = 0;

/**
 * Shows another view. Choices add an entry to the browser's history; letters typed into the search replace it.
 * @param {Partial<View>} changes
 * @param {"pushState" | "replaceState"} how
 */
function go(changes, how = "pushState") {
  view = { ...view, page: 1, ...changes };
  history[how](null, "", address(view));
  return attempt(load);
}

/** @param {Registration[]} [changed] the answers of changes just made */
async function load(changed = []) {
  loads += 1;
  const mine = loads;
  $("#rows").setAttribute("aria-busy", "true");
  const page = await fetchPage(view);
  if (mine !== loads) return;
  shown = { ...page, items: laidOver(page.items, changed, STATUSES[view.status]) };
  view.page = page.page;
  render();
}

function render() {
  const rows = $("#rows");
  rows.removeAttribute("aria-busy");
  rows.replaceChildren(shown.items.length > 0 ? table() : empty());
  pager();
  selected();
  announce(shown.items.length > 0 ? `${counted(shown.items.length, "usager")} sur cette page` : "Aucun usager");
  restorePlace();
}

function empty() {
  if (view.search || view.status) {
    const all = h("button", { type: "button", class: "secondary" }, "Voir tous les usagers");
    all.addEventListener("click", () => {
      $("#search").value = "";
      $("#status").value = "";
      go({ search: "", status: "" });
    });
    return h("div", { class: "empty" }, h("p", {}, "Aucun usager ne correspond à ces choix."), all);
  }
  return h(
    "div",
    { class: "empty" },
    h("p", {}, "Aucun usager n’est encore inscrit."),
    h("a", { class: "button", href: "/portail/inscription" }, "Inscrire le premier"),
  );
}

function table() {
  const all = h("input", { type: "checkbox", "aria-label": "Cocher tous les usagers de cette page" });
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    selected();
  });
  const head = h(
    "tr",
    {},
    h("th", { scope: "col", class: "tick" }, all),
    h("th", { scope: "col" }, "Statut"),
    sortable("Nom", "", "ascending"),
    h("th", { scope: "col" }, "Prénom"),
    sortable("Inscription", "date", "descending"),
    h("th", { scope: "col" }, "Ressources"),
    known.several && h("th", { scope: "col" }, "Bibliothèque"),
  );
  const rows = shown.items.map(row);
  return h(
    "table",
    { class: "list" },
    h("caption", { class: "unseen" }, "Usagers"),
    h("thead", {}, head),
    h("tbody", {}, ...rows),
  );
}

/**
 * @param {string} text
 * @param {string} sort
 * @param {"ascending" | "descending"} direction
 */
function sortable(text, sort, direction) {
  const active = view.sort === sort;
  const button = h(
    "button",
    { type: "button", class: "sort", onclick: () => go({ sort }) },
    text,
    h("span", { "aria-hidden": "true" }, active ? (direction === "ascending" ? " ▲" : " ▼") : " ▽"),
  );
  return h("th", { scope: "col", "aria-sort": active ? direction : null }, button);
}

/** @param {Registration} registration */
function row(registration) {
  const { id, status, lastName, firstName, registeredOn, resources, libraryId, mailState } = registration;
  const box = h("input", {
    type: "checkbox",
    value: id,
    "aria-label": `Cocher ${fullName(registration)}`,
    onchange: selected,
  });
  const link = h(
    "a",
    { href: `/portail/abonne?id=${id}` },
    lastName.toLocaleUpperCase("fr"),
    unseen(` ${firstName} : ouvrir la fiche`),
  );
  link.addEventListener("click", () => rememberPlace(id));
  const due = waiting(registration);
  /** @type {(name: string, ...content: Child[]) => HTMLElement} */
  const cell = (name, ...content) => h("td", { "data-name": name }, ...content);
  const names = resources.map((resource) => known.resources.get(resource) ?? resource).join(", ");
  const line = h(
    "tr",
    { class: status, id: `r-${id}` },
    h("td", { class: "tick" }, box),
    cell(
      "Statut",
      badge(status),
      due && h("span", { class: "due" }, due),
      mailState && h("span", { class: "due" }, "E-mail refusé"),
    ),
    cell("Nom", link),
    cell("Prénom", firstName),
    cell("Inscription", day(registeredOn)),
    cell("Ressources", names || "Aucune"),
    known.several && cell("Bibliothèque", known.libraries.get(libraryId) ?? libraryId),
  );
  line.addEventListener("click", ({ target }) => {
    const on = /** @type {Element} */ (target).closest("a, input, button, .tick");
    if (!on && getSelection()?.isCollapsed) link.click();
  });
  return line;
}

const boxes = () => $$("tbody input[type=checkbox]");

/** Shows the actions that are possible for the ticked registrations. */
function selected() {
  const ticked = new Set(
    boxes()
      .filter(({ checked }) => checked)
      .map(({ value }) => value),
  );
  const chosen = shown.items.filter(({ id }) => ticked.has(id));
  const bar = $("#selection");
  bar.hidden = chosen.length === 0;
  /** @type {(path: "activation" | "renewal", verb: string, done: string) => HTMLElement | null} */
  const doing = (path, verb, done) => {
    const fit = chosen.filter(({ actions }) => actions[path].allowed);
    if (fit.length === 0) return null;
    const text = `${verb} ${counted(fit.length, "usager")}`;
    return pressing(h("button", { type: "button" }, text), async () => {
      const to = (/** @type {Registration} */ { id }) => `/registrations/${id}/${path}`;
      const changed = await together({ title: text, registrations: fit, path: to, done });
      await attempt(() => Promise.all([load(changed), counts()]));
    });
  };
  const buttons = [doing("activation", "Activer", "validé"), doing("renewal", "Renouveler", "renouvelé")];
  const none = buttons.every((button) => button === null);
  bar.replaceChildren(
    h(
      "p",
      {},
      `${counted(chosen.length, "usager coché", "usagers cochés")}.`,
      none ? " Rien à activer ni à renouveler." : "",
    ),
    ...buttons.filter((button) => button !== null),
  );
}

function pager() {
  const pages = $("#pages");
  /** @type {(page: number, text: string, rel: string) => HTMLElement} */
  const link = (page, text, rel) =>
    h(
      "a",
      {
        href: address({ ...view, page }),
        rel,
        onclick: (event) => {
          event.preventDefault();
          go({ page }).then(() => $("#contenu").scrollIntoView());
        },
      },
      text,
    );
  pages.hidden = view.page === 1 && !shown.next;
  pages.replaceChildren(
    ...[
      view.page > 1 ? link(view.page - 1, "Page précédente", "prev") : "",
      h("span", {}, `Page ${view.page}`),
      shown.next ? link(view.page + 1, "Page suivante", "next") : "",
    ],
  );
}

/** Adds the number of registrations to each option of "Sélectionner un statut". */
async function counts() {
  /** @type {Answer<{ items: Count[] }>} */
  const { body } = await get(`/registrations/counts${view.library ? `?libraryId=${view.library}` : ""}`);
  for (const option of $$("#status option")) {
    const status = STATUSES[option.value];
    const of = body.items.find((item) => item.status === status);
    if (status && of) option.textContent = `${OPTIONS[status]} (${of.more ? "plus de " : ""}${of.count})`;
  }
}

/**
 * Stores the position in the list before a record is opened. `restorePlace` scrolls there and focuses the row.
 * @param {string} id
 */
function rememberPlace(id) {
  sessionStorage.setItem("place", JSON.stringify({ id, at: location.search }));
}

function restorePlace() {
  const place = JSON.parse(sessionStorage.getItem("place") ?? "null");
  if (!place || place.at !== location.search) return;
  sessionStorage.removeItem("place");
  const line = document.getElementById(`r-${place.id}`);
  if (!line) return;
  line.scrollIntoView({ block: "center" });
  $("a", line).focus({ preventScroll: true });
}

/** @param {Library[]} own */
function wireFilters(own) {
  const search = debounce(250, () => go({ search: $("#search").value }, "replaceState"));
  $("#search").addEventListener("input", search);
  $("#filters").addEventListener("submit", (event) => event.preventDefault());
  $("#status").addEventListener("change", () => go({ status: $("#status").value }));
  for (const control of [$("#search"), $("#status"), $("#export")]) control.disabled = false;
  pressing($("#export"), () => save(`/registrations.xlsx?${query({ ...view, sort: "" })}`, $("#export-state")));
  if (own.length < 2) return null;
  $("#by-library").hidden = false;
  return picker($("#filters"), "libraryId", own, (library) => go({ library }).then(() => attempt(counts)));
}

/** @param {((library: string) => void) | null} choose */
function showFilters(choose) {
  $("#search").value = view.search;
  $("#status").value = view.status;
  choose?.(view.library);
}

begin(async () => {
  view = read();
  /** @type {[Library[], Answer<{ items: Resource[] }>]} */
  const [own, { body: resources }] = await Promise.all([libraries(), get("/resources")]);
  known = {
    libraries: new Map(own.map((library) => [library.id, label(library)])),
    resources: new Map(resources.items.map(({ id, name }) => [id, name])),
    several: own.length > 1,
  };
  const choose = wireFilters(own);
  showFilters(choose);
  addEventListener("popstate", () => {
    view = read();
    showFilters(choose);
    attempt(load);
  });
  // A retry begins here, so that nothing above is wired twice.
  await attempt(() => Promise.all([load(), counts()]));
});
