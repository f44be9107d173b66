// Who is signed in, in this browser: kept while a tab of the portal is open, and gone with the last one. A library's
// computer is often everybody's.

const KEY = "session";
const tabs = new BroadcastChannel("session");

/**
 * `{ token, expiresAt, account }`, or `null`.
 * @returns {Session | null}
 */
export function current() {
  return JSON.parse(sessionStorage.getItem(KEY) ?? "null");
}

/** @param {Session} session */
export function open(session) {
  sessionStorage.setItem(KEY, JSON.stringify(session));
}

/** Forgets the session, here and in the other tabs. */
export function close() {
  sessionStorage.removeItem(KEY);
  tabs.postMessage({ closed: true });
}

/** A tab that was opened from another one works on with its session. */
export async function borrow() {
  if (current()) return;
  await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
    tabs.addEventListener("message", ({ data }) => {
      if (data.lent && !current()) open(data.lent);
      if (data.lent) resolve();
    });
    tabs.postMessage({ wanted: true });
    setTimeout(resolve, 120);
  });
}

tabs.addEventListener("message", ({ data }) => {
  if (data.wanted && current()) tabs.postMessage({ lent: current() });
  if (data.closed && current()) {
    sessionStorage.removeItem(KEY);
    location.assign("/portail/");
  }
});
