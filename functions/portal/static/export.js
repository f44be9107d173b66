// Fetches files with the session token and passes them to the browser as downloads.

import { download } from "./api.js";
import { h } from "./dom.js";

/**
 * Downloads a file and shows the progress in `state`.
 * @param {string} path
 * @param {HTMLElement} state
 */
export async function save(path, state) {
  state.textContent = "Préparation du fichier…";
  try {
    const { blob, name } = await download(path, (bytes) => {
      state.textContent = `Téléchargement : ${Math.ceil(bytes / 1024)} Ko`;
    });
    const link = h("a", { href: URL.createObjectURL(blob), download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    state.textContent = `Le fichier ${name} est téléchargé.`;
  } catch (problem) {
    state.textContent = "";
    throw problem;
  }
}
