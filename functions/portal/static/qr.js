// Draws QR codes as SVG elements, since the pages' policy allows no markup made of text.

import { generate } from "./lean-qr.js";

const SVG = "http://www.w3.org/2000/svg";
/** The white margin that ISO 18004 requires, in squares. */
const MARGIN = 4;

/**
 * Returns the QR code of a text: the number of squares on a side, and whether a square is dark.
 * @type {(text: string) => { size: number, get: (x: number, y: number) => boolean }}
 */
export const squares = /** @type {any} */ (generate);

/**
 * Returns the dark runs of a QR code as the path of a picture.
 * @param {ReturnType<typeof squares>} code
 */
export function path({ size, get }) {
  const runs = [];
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const from = x;
      while (get(x, y)) x += 1;
      if (x > from) runs.push(`M${from} ${y}h${x - from}v1h${from - x}z`);
    }
  }
  return runs.join("");
}

/**
 * Returns the picture of a text's QR code. `label` is its name for screen readers.
 * @param {string} text
 * @param {string} label
 */
export function qrCode(text, label) {
  const code = squares(text);
  const side = code.size + 2 * MARGIN;
  const view = `${-MARGIN} ${-MARGIN} ${side} ${side}`;
  const picture = element("svg", { class: "qr", viewBox: view, role: "img", "aria-label": label });
  picture.append(element("path", { d: path(code) }));
  return picture;
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
