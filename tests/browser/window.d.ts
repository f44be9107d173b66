// Globals that the browser tests put into a page.

interface Window {
  /** accessible.mjs: the library, run inside the page. */
  axe: typeof import("axe-core");
  /** trouble.test.mjs: sends the messages to other tabs that are held back. */
  release?: () => void;
  /** loading.test.mjs: when the first page could be used, in milliseconds since it was requested. */
  usable?: number | null;
}
