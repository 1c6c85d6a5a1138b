// The page's own words, and how this language writes times and amounts.

import { de } from "./words.de.js";
import { en } from "./words.en.js";

const KNOWN = { en, de };
let language = "en";
let locale = "en";

/** Switches to a helpdesk locale such as "de-CH"; true when that changed anything. */
export function speak(wanted) {
  const given = String(wanted || "").replace("_", "-");
  const next = KNOWN[given.slice(0, 2).toLowerCase()] ? given.slice(0, 2).toLowerCase() : "en";
  let fits = next;
  try { if (given && Intl.DateTimeFormat.supportedLocalesOf([given]).length && next === given.slice(0, 2)) fits = given; }
  catch { /* not a locale */ }
  const changed = next !== language || fits !== locale;
  language = next;
  locale = fits;
  document.documentElement.lang = language;
  return changed;
}

/** What the page speaks, so that the server writes the same. */
export const spoken = () => language;

let english = new Set();

/** Takes up which of the server's texts stand in English all the same. */
export function standsInEnglish(texts) {
  english = new Set(texts);
}

/** The language of a text where it is not the page's: a screen reader then says it rightly. */
export const languageOf = (text) => (language !== "en" && english.has(text) ? "en" : null);

/** The words for a name; `{x}` is filled from `values`. */
export function t(name, values = {}) {
  const text = KNOWN[language][name] ?? KNOWN.en[name];
  if (text === undefined) throw new Error(`no words for ${name}`);
  return text.replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));
}

/** Whether there are words of that name. */
export const has = (name) => Object.hasOwn(KNOWN.en, name);

/** A moment as people say it: the time today, else the day and the time. */
export function when(moment) {
  const at = new Date(moment);
  if (!moment || Number.isNaN(at.getTime())) return "";
  const today = at.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(locale, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** A day as people say it. */
export function day(moment) {
  const at = new Date(moment);
  return Number.isNaN(at.getTime()) ? String(moment ?? "") : new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(at);
}

/** Decimal places of an amount, from its own words: the vendor counts some currencies differently from the world. */
export function places(money) {
  const value = Number(money.words.replace(/[^\d.]/g, ""));
  return value > 0 ? Math.max(0, Math.round(Math.log10(money.minor / value))) : 2;
}

/** Minor units of what a person typed ("12", "12.5", "12,50"), or null when it is no amount of this currency. */
export function minor(typed, decimals) {
  const found = /^\s*(\d{1,12})(?:[.,](\d+))?\s*$/.exec(typed);
  if (!found || (found[2] ?? "").length > decimals) return null;
  return Number(found[1]) * 10 ** decimals + Number((found[2] ?? "").padEnd(decimals, "0") || 0);
}

/** "12.00": how the server reads an amount. */
export function plain(amount, decimals) {
  const digits = String(amount).padStart(decimals + 1, "0");
  return decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits;
}
