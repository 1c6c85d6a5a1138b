// Buttons that do something. Nothing that moves money can be pressed in the first moments after it is painted.

import { el } from "./build.js";
import { t } from "./words.js";

const RIPE_AFTER = 600;

/** An ordinary button. */
export function button(words, press, { key, kind = "", title = null, busy = false } = {}) {
  return el("button", { type: "button", class: `button ${kind}`.trim(), key, title, "aria-disabled": busy ? "true" : null,
    on: { click: (event) => { if (!busy) press(event); } } }, words);
}

/** The press that counts: only on what has been on screen for a while, and never as the second half of a double click. */
export function deliberate(words, press, { key, kind = "primary", busy = false } = {}) {
  let painted = Infinity;
  const node = el("button", { type: "button", class: `button ${kind}`, key, "aria-disabled": "true", on: {
    click: (event) => {
      if (busy || event.detail > 1 || performance.now() - painted < RIPE_AFTER) return;
      press(event);
    } } }, busy ? t("sending") : words);
  if (busy) return node;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    painted = performance.now();
    setTimeout(() => node.removeAttribute("aria-disabled"), RIPE_AFTER);
  }));
  return node;
}
