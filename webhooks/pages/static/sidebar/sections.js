// What stands around the cards: what was done, who the customer is, what happened, and what waits elsewhere.

import { mayApprove, proof, reason } from "./card.js";
import { el, link, said } from "./build.js";
import { button, deliberate } from "./press.js";
import { day, has, t, when } from "./words.js";

const CALM = { idle: "calm", shadow: "info", waiting: "waits", working: "info", done: "good", answered: "good", handed_over: "person",
  refused: "person", paused: "alarm", held: "alarm", taken_over: "person" };

/** The status at a glance: one word, one line. */
export function head(state) {
  const name = called(state);
  return el("header", { class: `head ${CALM[state.status] ?? "calm"}` },
    el("h1", { tabindex: "-1", key: "head" }, el("span", { class: "dot", "aria-hidden": "true" }), t(has(name) ? name : "unknown")),
    state.words ? el("p", {}, said(state.words, t("show_all"))) : null,
    state.paused && state.status !== "paused" ? el("p", { class: "paused" }, said(state.paused, t("show_all")),
      state.cards.some(mayApprove) ? ` ${t("paused_cards")}` : null) : null,
    state.mode === "draft" ? el("p", { class: "quiet" }, t("draft")) : null);
}

/** The status by a name that says for whom it waits; what was taken back is not called done. */
function called(state) {
  if (state.status === "done" && state.done.length && state.done.every((one) => one.state === "undone")) return "taken_back";
  if (state.status !== "waiting" || !state.cards.length) return state.status;
  if (state.cards.some((one) => one.may_i)) return "waiting_you";
  const [whom, ...others] = new Set(state.cards.map((one) => one.for_whom));
  return others.length ? "waiting" : `waiting_${whom}`;
}

export function empty(state) {
  const nothing = !state.cards.length && !state.done.length && !state.shadow.length;
  return state.status === "idle" && nothing && !state.words ? el("p", { class: "empty" }, t("empty")) : null;
}

/** What was done on this ticket, each with its way back or why there is none. */
export function done(state, step, act) {
  if (!state.done.length) return null;
  return el("section", { class: "done" }, el("h2", {}, t("done_list")), el("ul", { class: "plain" }, state.done.map((one) => el("li", {},
    el("h3", { class: one.state }, el("span", { class: "sign", "aria-hidden": "true" }, one.state === "undone" ? "↩" : "✓"),
      said(one.title, t("show_all"), "span"), one.state === "undone" ? el("span", {}, ` – ${t("undone")}`) : null),
    one.words ? el("p", {}, said(one.words, t("show_all"))) : null,
    el("p", { class: "quiet" }, when(one.at), one.by?.length ? [" · ", said(t("by", { who: one.by.join(", ") }), t("show_all"))] : null,
      one.receipt ? [" · ", said(t("receipt", { number: one.receipt }), t("show_all"))] : null),
    step?.kind === "undo" && step.of === one.operation ? undoing(one, step, act) : undo(one, act)))));
}

function undo(one, act) {
  return one.state === "undone" ? null : el("div", { class: "undo" }, one.undo?.words ? el("p", { class: "quiet" }, said(one.undo.words, t("show_all"))) : null,
    one.undo?.possible && one.undo.digest
      ? el("div", { class: "buttons" }, button(t("undo"), () => act.beginUndo(one), { key: `undo-${one.operation}` })) : null);
}

function undoing(one, step, act) {
  return el("div", { class: "step", role: "group", tabindex: "-1", key: `step-${one.operation}`, "aria-label": t("undo") },
    el("p", {}, t("undoing")), el("p", { class: "what" }, el("strong", {}, said(one.title, t("show_all"), "span"))),
    el("p", { class: "quiet" }, said(one.undo.words, t("show_all"))),
    el("div", { class: "buttons column" },
      deliberate(t("undo_button", { what: one.title }), () => act.undo(one), { key: `sure-${one.operation}`, kind: "danger", busy: step.busy }),
      button(t("cancel"), () => act.stop(), { key: `back-${one.operation}`, busy: step.busy })));
}

/** Run again, take over, give back. */
export function actions(state, busy, act) {
  const mine = state.status === "taken_over";
  const some = mine ? [["give-back", "give_back", "give_back_why"]] : [["take-over", "take_over", "take_over_why"],
    state.status === "working" ? null : ["run", "run", "run_why"]];
  return el("section", { class: "actions" }, el("h2", { class: "hidden" }, t("ticket_actions")),
    el("div", { class: "buttons" }, some.filter(Boolean).map(([what, words, why]) =>
      button(t(words), () => act.ticketDo(what, words), { key: what, title: t(why), busy }))));
}

/** In shadow mode: what it would have done. */
export function shadow(state) {
  if (!state.shadow.length) return state.status === "shadow" ? el("p", { class: "empty" }, t("watching_none")) : null;
  return el("section", { class: "shadow" }, el("h2", {}, t("watching")), el("ul", { class: "plain" }, state.shadow.map((one) => el("li", {},
    el("h3", {}, said(one.title, t("show_all"), "span")), el("p", {}, said(one.words, t("show_all"))), proof(one),
    one.quote ? el("blockquote", {}, said(one.quote, t("show_all"))) : null,
    one.rule.map((rule) => el("p", { class: "quiet" }, said(rule, t("show_all"))))))));
}

/** Who is asking, how sure we are, what they paid and what the CRM knows. */
export function customer(state) {
  const one = state.customer;
  if (!one) return null;
  return el("details", { class: "section", key: "customer" },
    el("summary", {}, el("h2", {}, t("customer")), el("div", { class: "match" }, one.match_words)),
    el("p", {}, el("strong", {}, said(one.name, t("show_all"))), one.email ? [" · ", said(one.email, t("show_all"))] : null),
    el("p", { class: "quiet" }, t("as_of", { time: when(one.read_at) })),
    el("h3", {}, t("payments")), payments(one.payments ?? [], state.cards.map((card) => card.charge)),
    el("h3", {}, t("contact")), one.contact ? facts(inTheCrm(one.contact)) : el("p", { class: "quiet" }, t("no_contact")));
}

/** The contact's details by the page's own words for them. */
function inTheCrm(contact) {
  const { name, account, phone, mobile } = contact;
  return { [t("crm_name")]: name, [t("crm_account")]: account, [t("crm_phone")]: phone, [t("crm_mobile")]: mobile };
}

/** `about`: the payments that the cards are about. */
function payments(some, about) {
  if (!some.length) return el("p", { class: "quiet" }, t("no_payments"));
  return el("ul", { class: "plain payments" }, some.map((one) => el("li", { class: about.includes(one.charge) ? "about" : null },
    about.includes(one.charge) ? el("strong", { class: "mark" }, t("this_one")) : null, el("span", { class: "amount" }, said(one.amount.words, "")),
    el("span", {}, day(one.date)), el("span", { class: "quiet" }, said(one.state, t("show_all")), " · ", said(one.method, t("show_all")),
      one.refunded ? [" · ", said(t("refunded", { money: one.refunded.words }), "")] : null))));
}

/** What happened, in plain words; the facts behind each line open on demand. */
export function trail(state) {
  return el("details", { class: "section", key: "trail" }, el("summary", {}, el("h2", {}, t("trail"))),
    state.trail.length ? [lines(state.trail.filter((one) => !one.step), "line"),
      el("details", { class: "steps", key: "steps" }, el("summary", {}, t("steps", { count: state.trail.length })), lines(state.trail, "step"))]
      : el("p", { class: "quiet" }, t("trail_none")));
}

function lines(some, key) {
  return el("ol", { class: "plain trail" }, some.map((one, place) => el("li", {},
    el("time", { datetime: one.at, class: "quiet" }, when(one.at)),
    el("div", {}, said(one.words, t("show_all")), one.times > 1 ? el("span", { class: "quiet" }, ` ${t("times", { count: one.times })}`) : null,
      one.facts && Object.keys(one.facts).length
        ? el("details", { key: `${key}-${place}-${one.at}` }, el("summary", {}, t("facts")), facts(one.facts, "en")) : null))));
}

/** `lang`: of the names, where they stand as they were written down. */
function facts(some, lang = null) {
  const shown = Object.entries(some).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return shown.length ? el("dl", { class: "facts", lang }, shown.map(([name, value]) => el("div", {},
    el("dt", {}, said(name.replaceAll("_", " "), t("show_all"))), el("dd", {}, said(plainly(value), t("show_all")))))) : null;
}

function plainly(value) {
  if (Array.isArray(value)) return value.map(plainly).join(", ");
  if (value && typeof value === "object") return value.words ?? Object.entries(value).map(([k, v]) => `${k.replaceAll("_", " ")}: ${plainly(v)}`).join(", ");
  return String(value);
}

/** What waits on other tickets; read when it is opened. */
export function elsewhere(found, act) {
  const body = found === null ? el("p", { class: "quiet" }, t("loading"))
    : found === "failed" ? el("p", { class: "quiet" }, t("elsewhere_failed"))
    : found.items.length ? el("ul", { class: "plain" }, found.items.map((one) => el("li", { class: one.what },
      el("div", {}, said(one.title, t("show_all"))),
      el("div", { class: one.what === "held" ? "match" : "quiet" }, said(one.for_whom_words, t("show_all")), ` · ${t("since", { time: when(one.since) })}`),
      theTicket(one, act))), found.more ? el("li", { class: "quiet" }, t("and_more")) : null)
    : el("p", { class: "quiet" }, t(found.more ? "elsewhere_more" : "elsewhere_none"));
  return el("details", { class: "section", key: "elsewhere", on: { toggle: (event) => { if (event.target.open) act.lookElsewhere(); } } },
    el("summary", {}, el("h2", {}, t("elsewhere"))), body);
}

function theTicket(one, act) {
  const number = /(\d+)$/.exec(one.ticket)?.[1];
  const words = t("open_ticket", { ticket: number ?? one.ticket });
  return number ? button(words, () => act.openTicket(number), { kind: "linklike" }) : link(one.link, words);
}

/** The kill switch, for admins of the helpdesk. */
export function pause(state, step, act) {
  if (!state.me?.admin) return null;
  return el("details", { class: "section", key: "pause" }, el("summary", {}, el("h2", {}, t("settings"))),
    state.paused ? el("p", { class: "paused" }, said(t("paused_now", { why: state.paused }), t("show_all"))) : el("p", { class: "quiet" }, t("pause_hint")),
    step?.kind === "pause" ? pausing(step, act) : step?.kind === "resume" ? resuming(step, act)
      : el("div", { class: "buttons" }, button(t("pause"), () => act.beginPause("pause"), { key: "begin-pause" }),
        state.paused ? button(t("resume"), () => act.beginPause("resume"), { key: "begin-resume" }) : null));
}

function pausing(step, act) {
  const choice = (value) => el("label", { class: "choice" }, el("input", { type: "radio", name: "pause-what", value,
    on: { change: () => { step.what = value; } } }), ` ${t(`pause_${value}`)}`);
  const refund = choice("refund"), all = choice("all");
  (step.what === "refund" ? refund : all).querySelector("input").checked = true;
  return el("div", { class: "step", role: "group", tabindex: "-1", key: "step-pause", "aria-label": t("pause") },
    el("div", { role: "radiogroup", "aria-label": t("pause_what") }, all, refund),
    el("label", { for: "pause-reason" }, t("pause_reason")), reason("pause-reason", step),
    step.mistake ? el("p", { class: "mistake", role: "alert" }, step.mistake) : null,
    el("div", { class: "buttons" }, deliberate(t("pause_confirm"), () => act.pause(step), { key: "sure-pause", kind: "danger", busy: step.busy }),
      button(t("cancel"), () => act.stop(), { key: "back-pause", busy: step.busy })));
}

function resuming(step, act) {
  return el("div", { class: "step", role: "group", tabindex: "-1", key: "step-resume", "aria-label": t("resume") }, el("p", {}, t("resume_what")),
    el("div", { class: "buttons" }, deliberate(t("resume_confirm"), () => act.resume(step), { key: "sure-resume", busy: step.busy }),
      button(t("cancel"), () => act.stop(), { key: "back-resume", busy: step.busy })));
}

/** Who is signed in, as the helpdesk says. */
export function foot(state) {
  if (!state.me) return null;
  const roles = [t(`role_${state.me.role ?? "none"}`), state.me.admin ? t("role_admin") : null].filter(Boolean).join(", ");
  return el("footer", { class: "quiet" }, said(t("signed_in", { name: state.me.name, role: roles }), t("show_all")));
}

/** A page that says one thing, when there is no ticket to show; what was typed until then can be copied from it. */
export function alone(name, detail = "", tone = "", typed = "") {
  return el("section", { class: `alone ${tone}` }, el("h1", { tabindex: "-1", key: "head" }, t(name)), el("p", {}, detail || t(`${name}_what`)),
    typed ? [el("p", {}, t("typed_before")), el("blockquote", {}, said(typed, t("show_all")))] : null);
}

export function loading(long) {
  return el("section", { class: "alone loading", "aria-busy": "true" }, el("p", {}, t(long ? "loading_long" : "loading")),
    el("div", { class: "bone wide", "aria-hidden": "true" }), el("div", { class: "bone", "aria-hidden": "true" }), el("div", { class: "bone tall", "aria-hidden": "true" }));
}
