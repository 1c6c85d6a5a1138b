// One waiting approval: what, whose, why, how sure, and the two presses that decide it.

import { el, said } from "./build.js";
import { button, deliberate } from "./press.js";
import { minor, places, plain, t, when } from "./words.js";

const PROOF = { true: ["proven", "✓"], false: ["not_proven", "✕"], null: ["proof_unknown", "?"] };

/** Whether this colleague can approve it, or some of it. */
export const mayApprove = (one) => one.may_i || Boolean(one.highest);

/** The card; `step` is what the agent has begun on it, `act` what presses do, `alone` whether it is the only one. */
export function card(one, step, act, alone) {
  const title = `card-${one.wait}`;
  return el("article", { class: "card", "aria-labelledby": title },
    el("h2", { id: title, tabindex: "-1", key: `card-${one.wait}` }, said(one.title, t("show_all"), "span")),
    el("p", { class: "whose" }, said(one.whose, t("show_all"))),
    one.details.length ? el("ul", { class: "plain details" }, one.details.map((text) => el("li", {}, said(text, t("show_all"))))) : null,
    proof(one),
    one.quote ? el("figure", { class: "quote" }, el("figcaption", {}, t("quote")), el("blockquote", {}, said(one.quote, t("show_all")))) : null,
    el("dl", {},
      row("missing", list(one.missing), "missing"), row("risk", one.risk, "risk"), row("evidence", one.evidence),
      row("undo_how", one.undo), row("rule", list(one.rule))),
    el("details", { key: `more-${one.wait}` }, el("summary", {}, t("more")),
      el("dl", {}, row("reply", one.reply_preview, "letter"), row("on_no", one.on_no), row("on_timeout", one.on_timeout),
        row("charge", one.charge))),
    turn(one, alone),
    step ? STEPS[step.kind](one, step, act) : choices(one, act));
}

/** Who must answer, until when; beside one card alone the head of the page says who. */
function turn(one, alone) {
  return el("div", { class: "turn" },
    one.wrote_again ? el("p", { class: "again" }, t("wrote_again")) : null,
    one.approved_by ? el("p", {}, said(t("approved_by", { who: one.approved_by }), t("show_all"))) : null,
    alone ? null : el("p", {}, said(`${one.for_whom_words}.`, t("show_all"))),
    el("p", { class: "quiet" }, t("until", { time: when(one.expires_at) })));
}

/** A claim is about money; a change of details has none, and nothing to prove. */
export function proof(one) {
  if (!one.claim && !one.why_proven && one.kind !== "refund") return null;
  const [name, sign] = PROOF[String(one.proven ?? null)];
  return el("div", { class: `proof ${name}` }, el("span", { class: "sign", "aria-hidden": "true" }, sign),
    el("div", {}, el("strong", {}, t(name)), one.claim ? [": ", said(one.claim, t("show_all"))] : null,
      one.why_proven ? el("div", { class: "why" }, said(one.why_proven, t("show_all"))) : null));
}

function row(name, value, kind = "") {
  const values = (Array.isArray(value) ? value : [value]).filter(Boolean);
  return values.length ? el("div", { class: kind }, el("dt", {}, t(name)), values.map((text) => el("dd", {}, said(text, t("show_all"))))) : null;
}

const list = (some) => (Array.isArray(some) ? some : [some]);

// What may be pressed first.

function choices(one, act) {
  const whole = one.may_i && !(one.amount && one.highest && one.highest.minor < one.amount.minor);
  const less = one.amount && one.highest;
  const no = one.may_decline;
  if (!whole && !no && !less && (!one.why_not || one.for_whom === "customer")) return null;
  return el("div", {},
    whole || !one.why_not || one.for_whom === "customer" ? null : el("p", { class: "why-not" }, said(one.why_not, t("show_all")),
      less && !whole ? ` ${t("up_to", { highest: one.highest.words })}` : null),
    whole || no || less ? el("div", { class: "buttons choice-of" },
      whole ? button(t("approve"), () => act.begin(one, "approve"), { key: `approve-${one.wait}`, kind: "primary" }) : null,
      no ? button(t("decline"), () => act.begin(one, "decline"), { key: `decline-${one.wait}` }) : null,
      less ? button(t("approve_less"), () => act.begin(one, "lower"), { key: `lower-${one.wait}`, kind: whole ? "rest" : "" }) : null) : null);
}

const STEPS = { approve, lower, decline };

function approve(one, step, act) {
  const what = step.amount === undefined ? one.title : t("refund_of", { money: inWords(one.amount, step.amount) });
  return el("div", { class: "step", role: "group", tabindex: "-1", key: `step-${one.wait}`, "aria-labelledby": `step-${one.wait}` },
    el("h3", { id: `step-${one.wait}` }, t("approving")),
    el("p", { class: "what" }, el("strong", {}, said(what, t("show_all"), "span")),
      step.amount === undefined ? null : el("span", { class: "quiet" }, ` ${t("instead_of", { money: one.amount.words })}`)),
    el("p", {}, `${t("for_whom")} `, said(one.whose, t("show_all"))),
    el("p", { class: "quiet" }, said(one.undo, t("show_all"))),
    el("div", { class: "buttons column" },
      deliberate(t("approve_button", { what, whose: one.whose }),
        () => act.approve(one, step.amount === undefined ? null : plain(step.amount, places(one.amount))),
        { key: `sure-${one.wait}`, busy: step.busy }),
      button(t("cancel"), () => act.stop(one), { key: `back-${one.wait}`, busy: step.busy })));
}

function lower(one, step, act) {
  const decimals = places(one.amount);
  const [lowest, highest] = [one.lowest?.minor ?? 1, one.highest.minor];
  const go = (event) => {
    event.preventDefault();
    const amount = minor(step.typed ?? "", decimals);
    if (amount === null) act.mistake(step, t("amount_wrong", { example: plain(highest, decimals) }));
    else if (amount < lowest || amount > highest) act.mistake(step, range("amount_out", one));
    else act.lowered(one, amount < one.amount.minor ? amount : undefined);
  };
  return el("form", { class: "step", key: `step-${one.wait}`, tabindex: "-1", "aria-label": t("approve_less"), on: { submit: go } },
    el("label", { for: `amount-${one.wait}` }, t("amount", { currency: one.amount.currency })),
    el("input", { id: `amount-${one.wait}`, key: `amount-${one.wait}`, class: "amount", inputmode: "decimal", autocomplete: "off",
      maxlength: "16", value: step.typed ?? "", "aria-describedby": `hint-${one.wait}`, "aria-invalid": step.mistake ? "true" : null,
      on: { input: (event) => { step.typed = event.target.value; } } }),
    hint(one, step.mistake, range("amount_hint", one)),
    el("div", { class: "buttons" }, el("button", { type: "submit", class: "button primary" }, t("check_amount")),
      button(t("cancel"), () => act.stop(one), { key: `back-${one.wait}` })));
}

function decline(one, step, act) {
  const go = () => {
    if ((step.typed ?? "").trim()) act.decline(one, step.typed);
    else act.mistake(step, t("reason_missing"));
  };
  return el("div", { class: "step", role: "group", key: `step-${one.wait}`, tabindex: "-1", "aria-label": t("decline") },
    el("p", { class: "what" }, el("strong", {}, said(t("decline_this", { what: one.title }), t("show_all"), "span"))),
    el("label", { for: `reason-${one.wait}` }, t("reason")),
    reason(`reason-${one.wait}`, step, `hint-${one.wait}`),
    hint(one, step.mistake, t("reason_hint")),
    el("div", { class: "buttons" }, deliberate(t("decline").replace("…", ""), go, { key: `no-${one.wait}`, kind: "danger", busy: step.busy }),
      button(t("cancel"), () => act.stop(one), { key: `back-${one.wait}`, busy: step.busy })));
}

/** A field for a few words; what is typed is kept in the step. */
export function reason(id, step, describedby = null) {
  return el("textarea", { id, key: id, rows: "3", maxlength: "500", "aria-describedby": describedby, "aria-invalid": step.mistake ? "true" : null,
    on: { input: (event) => { step.typed = event.target.value; } } }, step.typed ?? "");
}

function hint(one, mistake, words) {
  return el("p", { id: `hint-${one.wait}`, class: mistake ? "mistake" : "quiet", role: mistake ? "alert" : null }, mistake || words);
}

function range(name, one) {
  const highest = one.highest.words;
  return one.lowest ? t(name, { lowest: one.lowest.words, highest }) : t(`${name}_to`, { highest });
}

/** An amount of this currency as the server would write it. */
function inWords(money, amount) {
  const [whole, rest] = plain(amount, places(money)).split(".");
  return `${money.currency} ${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${rest ? `.${rest}` : ""}`;
}
