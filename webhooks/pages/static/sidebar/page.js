// Draws the page in parts. A part is built anew only when what it shows has changed, so that nobody loses their place.

import { el } from "./build.js";
import { card, mayApprove } from "./card.js";
import * as sections from "./sections.js";
import { standsInEnglish, t } from "./words.js";

const GOOD_NEWS_STAYS = 15_000;

export class Page {
  #root;
  #parts = new Map();
  #spoken = el("div", { class: "hidden", role: "status", "aria-live": "polite" });
  #notice = el("div", { class: "notice", role: "status", "aria-live": "polite" });
  #body = el("main", {});
  #fading = 0;
  #again = () => {};

  constructor(root) {
    this.#root = root;
    root.replaceChildren(this.#spoken, this.#notice, this.#body);
  }

  /** Everything there is to see of a ticket, in `view`: state, step, busy, elsewhere. */
  draw(view, act) {
    this.#again = () => this.draw(view, act);
    const { state, step } = view;
    standsInEnglish(state.untranslated ?? []);
    const parts = [
      ["head", [state.status, state.words, state.paused, state.mode, state.cards.map((one) => [one.may_i, mayApprove(one), one.for_whom]), state.done.map((one) => one.state)], () => sections.head(state)],
      ["empty", [state.status, state.words, state.cards.length, state.done.length, state.shadow.length], () => sections.empty(state)],
      ...state.cards.map((one) => [`card-${one.wait}`, [one, seen(mine(step, one.wait)), state.cards.length],
        () => card(one, mine(step, one.wait), act, state.cards.length === 1)]),
      ["done", [state.done, step?.kind === "undo" ? seen(step) : null], () => sections.done(state, step, act)],
      ["shadow", [state.status, state.shadow], () => sections.shadow(state)],
      ["actions", [state.status, view.busy], () => sections.actions(state, view.busy, act)],
      ["customer", [state.customer, state.cards.map((one) => one.charge)], () => sections.customer(state)],
      ["trail", state.trail, () => sections.trail(state)],
      ["elsewhere", view.elsewhere, () => sections.elsewhere(view.elsewhere, act)],
      ["pause", [state.me, state.paused, ["pause", "resume"].includes(step?.kind) ? seen(step) : null], () => sections.pause(state, step, act)],
      ["foot", state.me, () => sections.foot(state)],
    ];
    this.#lay(parts);
  }

  /** One thing to say instead of a ticket; `typed` is what somebody had written until then. */
  only(name, detail = "", tone = "", typed = "") {
    this.#again = () => this.only(name, detail, tone, typed);
    this.#lay([[`alone-${name}`, [name, detail, typed], () => sections.alone(name, detail, tone, typed)]]);
    this.speak(`${t(name)}. ${detail || t(`${name}_what`)}`);
  }

  loading(long) {
    this.#again = () => this.loading(long);
    this.#lay([["loading", long, () => sections.loading(long)]]);
  }

  /** A line above everything: tone is good, waits or alarm; null takes it away. */
  notice(tone, words) {
    clearTimeout(this.#fading);
    if (tone === "good") this.#fading = setTimeout(() => this.notice(null, null), GOOD_NEWS_STAYS);
    if (this.#notice.textContent === (words ?? "")) return;
    this.#notice.className = `notice ${tone ?? ""}`.trim();
    this.#notice.replaceChildren(...(words ? [el("p", {}, el("bdi", { dir: "auto" }, words))] : []));
  }

  /** What was pressed has come to its end: the line that said it was sent goes. */
  settled() {
    if (this.#notice.classList.contains("good")) this.notice(null, null);
  }

  /** For those who listen. */
  speak(words) {
    this.#spoken.textContent = words;
  }

  /** Draws everything once more, in another language. */
  anew() {
    this.#parts.clear();
    this.#again();
  }

  focus(key) {
    const found = [...this.#root.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
    found?.focus();
    return Boolean(found);
  }

  #lay(parts) {
    const held = document.activeElement?.dataset?.key;
    const had = this.#body.contains(document.activeElement);
    const open = new Map([...this.#body.querySelectorAll("details[data-key]")].map((one) => [one.dataset.key, one.open]));
    const next = new Map();
    for (const [name, shows, build] of parts) {
      const sign = JSON.stringify(shows ?? null);
      const before = this.#parts.get(name);
      next.set(name, before?.sign === sign ? before : { sign, node: build() });
    }
    this.#parts = next;
    const nodes = [...next.values()].map((one) => one.node).filter(Boolean);
    for (const node of nodes) {
      for (const one of node.matches("details[data-key]") ? [node, ...node.querySelectorAll("details[data-key]")] : node.querySelectorAll("details[data-key]")) {
        if (open.has(one.dataset.key)) one.open = open.get(one.dataset.key);
      }
    }
    settle(this.#body, nodes);
    if (had && !this.#body.contains(document.activeElement)) (held && this.focus(held)) || this.focus("head");
  }
}

/** What of a step is drawn; what is being typed is not, or each look would take the field away. */
const seen = (step) => (step ? [step.kind, step.of, step.amount, step.mistake, step.busy] : null);
const mine = (step, wait) => (step && step.of === wait ? step : null);

/** Puts the nodes in order without moving those that already stand right. */
function settle(body, nodes) {
  for (const old of [...body.children]) if (!nodes.includes(old)) old.remove();
  nodes.forEach((node, place) => { if (body.children[place] !== node) body.insertBefore(node, body.children[place] ?? null); });
}
