// The session of this browser. It lasts while a tab of the portal is open and ends with the last one, because a
// library's computer is often shared.

const KEY = "session";
const tabs = new BroadcastChannel("session");

/**
 * Returns the session, or `null`.
 * @returns {Session | null}
 */
export function current() {
  return JSON.parse(sessionStorage.getItem(KEY) ?? "null");
}

/** @param {Session} session */
export function open(session) {
  sessionStorage.setItem(KEY, JSON.stringify(session));
}

/** Removes the session in this tab and in the others, with all that the pages stored, such as a search. */
export function close() {
  const token = current()?.token;
  sessionStorage.clear();
  tabs.postMessage({ closed: true, token });
}

/** @type {() => unknown} */
let parting = () => {};
/**
 * Sets the function that ends this tab's own session at the service, called when another tab has closed another session.
 * @param {() => unknown} end
 */
export function onParting(end) {
  parting = end;
}

let borrowed = () => {};
/**
 * Sets the function that is called when the session of another tab arrives after `borrow` has ended.
 * @param {() => void} act
 */
export function onBorrowed(act) {
  borrowed = act;
}

/** Takes over the session of another tab, if there is one. Waits at most 120 ms for an answer. */
export async function borrow() {
  if (current()) return;
  await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
    onBorrowed(() => resolve());
    tabs.addEventListener("message", ({ data }) => {
      // A second answer must not start a second navigation.
      if (!data.lent || current()) return;
      open(data.lent);
      borrowed();
    });
    tabs.postMessage({ wanted: true });
    setTimeout(resolve, 120);
  });
}

tabs.addEventListener("message", ({ data }) => {
  if (data.wanted && current()) tabs.postMessage({ lent: current() });
  if (data.closed) {
    const own = current();
    if (own && own.token !== data.token) parting();
    sessionStorage.clear();
    if (own) location.assign("/portail");
  }
});
