// Elements out of text. Nothing here takes markup: what a ticket says can only ever become text.

import { languageOf } from "./words.js";

const SET = new Set(["class", "id", "for", "type", "name", "value", "role", "rows", "maxlength", "inputmode", "lang", "dir",
  "autocomplete", "tabindex", "href", "target", "rel", "datetime", "scope", "title"]);

/** An element; `attributes` may also hold `on` (listeners) and `key`, by which focus finds its way back. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (name === "key") node.dataset.key = value;
    else if (value === null || value === undefined || value === false) continue;
    else if (SET.has(name) || name.startsWith("aria-")) node.setAttribute(name, value === true ? "" : String(value));
    else throw new Error(`no attribute of ours: ${name}`);
  }
  node.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false && one !== ""));
  return node;
}

const LONG = 280;

/** Words that somebody else wrote: their direction stays inside, and much of it opens on demand. */
export function said(text, more, tag = "bdi") {
  const whole = String(text ?? "");
  const letters = Array.from(whole);
  const lang = languageOf(whole);
  if (letters.length <= LONG) return el(tag, { class: "said", dir: "auto", lang }, whole);
  return el("div", { class: "said", lang },
    el("details", { class: "long" },
      el("summary", {}, el("bdi", { dir: "auto", class: "start" }, letters.slice(0, LONG - 60).join("").trimEnd(), "…"), " ",
        el("span", { class: "more" }, more)),
      el("bdi", { dir: "auto", class: "whole" }, whole)));
}

/** A link to a web page, or only its words when the address is anything else. */
export function link(address, words) {
  let url = null;
  try { url = new URL(address, location.href); } catch { /* not an address */ }
  if (!url || !["https:", "http:"].includes(url.protocol)) return el("span", {}, words);
  return el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, words);
}
