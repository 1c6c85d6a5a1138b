// The sidebar of one ticket: looks every few seconds, shows how it stands, and carries presses to Deskhand.

import { mayApprove } from "./card.js";
import { Desk, No } from "./desk.js";
import { Frame } from "./frame.js";
import { Page } from "./page.js";
import { has, speak, t, when } from "./words.js";

const EVERY = 4_000;
const BRISK = 1_500;
const BRISK_FOR = 60_000;
const HIDDEN = 30_000;
const EAGER = 500;
const EAGER_FOR = 15_000;
const SLOWEST = 30_000;
const SOON = 1_000;
const LONG = 5_000;

/** Only for a moment: what was begun stays, with what was typed. */
const BUSY = "busy";


const STEP_OF_ANOTHER_KIND = ["undo", "pause", "resume"];

class Sidebar {
  #desk;
  #frame;
  #page;
  #view = { state: null, step: null, busy: false, elsewhere: null };
  #timer = 0;
  #eagerUntil = 0;
  /** Who has just opened the ticket, or come back to it, waits for news. */
  #briskUntil = performance.now() + BRISK_FOR;
  #failures = 0;
  #seenAt = null;
  /** A press got no answer, and the ticket has not been read since. */
  #lost = false;
  #over = false;
  #looking = false;
  /** Counts presses: what was read before the last one is not shown after it. */
  #presses = 0;

  constructor(desk, frame, page) {
    this.#desk = desk;
    this.#frame = frame;
    this.#page = page;
  }

  async start() {
    this.#page.loading(false);
    const slow = setTimeout(() => { if (!this.#view.state && !this.#over) this.#page.loading(true); }, LONG);
    document.addEventListener("visibilitychange", () => this.#comeBack());
    globalThis.addEventListener("online", () => this.#soon());
    this.#frame.onShown(() => this.#comeBack());
    this.#frame.locale().then((wanted) => { if (wanted && speak(wanted)) this.#speaksAnew(); });
    await this.#bind();
    clearTimeout(slow);
  }

  /** Our own words change at once; what the server writes is read again. */
  #speaksAnew() {
    this.#page.anew();
    this.#soon();
    if (this.#view.elsewhere) this.lookElsewhere();
  }

  async #bind() {
    try {
      await this.#desk.bind(await this.#frame.ticket());
    } catch (no) {
      this.#trouble(no);
      if (!this.#over) this.#timer = setTimeout(() => this.#bind(), this.#pause(no));
      return;
    }
    await this.#look();
  }

  async #look() {
    clearTimeout(this.#timer);
    if (this.#over || this.#looking) return;
    this.#looking = true;
    let pause = null;
    const presses = this.#presses;
    try {
      const state = await this.#desk.ticket();
      if (presses === this.#presses) this.#take(state);
      else this.#desk.lookAnew();
    } catch (no) {
      this.#trouble(no);
      pause = this.#pause(no);
    }
    this.#looking = false;
    if (!this.#over) this.#timer = setTimeout(() => this.#look(), pause ?? this.#rhythm());
  }

  #comeBack() {
    if (!document.hidden) this.#briskUntil = performance.now() + BRISK_FOR;
    this.#soon();
  }

  #soon() {
    if (this.#over || !this.#view.state) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), document.hidden ? HIDDEN : 0);
  }

  #rhythm() {
    if (document.hidden) return HIDDEN;
    return performance.now() < this.#eagerUntil || this.#view.state?.status === "working" ? EAGER
      : performance.now() < this.#briskUntil ? BRISK : EVERY;
  }

  #pause(no) {
    this.#failures += 1;
    return Math.max(no.after * 1000, Math.min(SLOWEST, (this.#lost ? SOON : EVERY) * 2 ** (this.#failures - 1)));
  }

  /** Takes up a new state; null is the one we have. What was begun on something that changed is put away. */
  #take(state) {
    if (this.#lost) this.#page.notice("waits", t("reread"));
    else if (this.#failures && this.#view.state) this.#page.notice("good", t("back"));
    this.#failures = 0;
    this.#lost = false;
    this.#seenAt = new Date();
    if (!state) return;
    const { state: before, step } = this.#view;
    if (before && before.status !== state.status && state.status !== "working") this.#page.settled();
    this.#view.state = state;
    if (step && !stands(step, state)) {
      this.#view.step = null;
      if (!step.busy) this.#page.notice("waits", t("changed"));
    }
    this.#draw();
    if (before?.status !== state.status) this.#page.speak(`${t(has(state.status) ? state.status : "unknown")}. ${state.words ?? ""}`);
  }

  #trouble(no) {
    if (!(no instanceof No)) throw no;
    if (no.kind === "ended") return this.#end("ended");
    if (no.kind === "refused" && no.status === 403) return this.#end("not_yours", no.detail);
    if (!this.#view.state) this.#page.only("failed", no.detail);
    else if (this.#lost) return undefined;
    else if (this.#failures >= 1 || !navigator.onLine || no.kind === "away") {
      this.#page.notice("waits", t(no.kind === "offline" ? "offline" : "away", { time: when(this.#seenAt) }));
    }
    return undefined;
  }

  #end(name, detail = "") {
    const typed = (this.#view.step?.typed ?? "").trim();
    this.#over = true;
    clearTimeout(this.#timer);
    this.#desk.forget();
    this.#view = { state: null, step: null, busy: false, elsewhere: null };
    this.#page.notice(null, null);
    this.#page.only(name, name === "ended" ? "" : detail, "", typed);
  }

  #draw() {
    if (this.#view.state) this.#page.draw(this.#view, this);
  }

  begin(card, kind) {
    this.#begin({ kind, of: card.wait, digest: card.digest }, kind === "lower" ? `amount-${card.wait}`
      : kind === "decline" ? `reason-${card.wait}` : `step-${card.wait}`);
  }

  beginUndo(done) {
    this.#begin({ kind: "undo", of: done.operation, digest: done.undo.digest }, `step-${done.operation}`);
  }

  beginPause(kind) {
    this.#begin({ kind, of: kind, what: "all", digest: this.#view.state.paused_digest }, kind === "pause" ? "pause-reason" : "step-resume");
  }

  #begin(step, focus) {
    if (this.#view.step?.busy) return;
    if (this.#lost) return this.#page.notice("alarm", t("unsure"));
    this.#page.notice(null, null);
    this.#view.step = step;
    this.#draw();
    this.#page.focus(focus);
    return undefined;
  }

  mistake(step, words) {
    step.mistake = words;
    this.#draw();
  }

  lowered(card, amount) {
    this.#begin({ kind: "approve", of: card.wait, digest: card.digest, amount }, `step-${card.wait}`);
  }

  stop() {
    const step = this.#view.step;
    this.#view.step = null;
    this.#draw();
    if (step) this.#page.focus({ undo: `undo-${step.of}`, pause: "begin-pause", resume: "begin-resume" }[step.kind] ?? `card-${step.of}`);
  }

  approve(card, amount) {
    return this.#press(() => this.#desk.approve(card.wait, card.digest, amount), "sent_approve");
  }

  decline(card, reason) {
    return this.#press(() => this.#desk.decline(card.wait, card.digest, reason.trim()), "sent_decline");
  }

  undo(done) {
    return this.#press(() => this.#desk.undo(done.operation, done.undo.digest), "sent_undo");
  }

  pause(step) {
    if (!(step.typed ?? "").trim()) return this.mistake(step, t("reason_missing"));
    return this.#press(() => this.#desk.pause(step.what, step.typed.trim()), "sent_pause");
  }

  resume(step) {
    return this.#press(() => this.#desk.resume(step.digest), "sent_resume");
  }

  ticketDo(what, words) {
    return this.#press(() => this.#onTicket(what, this.#view.state), `sent_${words}`);
  }

  /**
   * A line more in the trail is no reason to refuse: while the ticket stands as it stood, and whoever had it has it
   * still, it is pressed once more.
   */
  async #onTicket(what, seen) {
    try {
      return await this.#desk.ticketDo(what, seen.digest);
    } catch (no) {
      const unmoved = no.state?.status === seen.status && no.state?.taken === seen.taken;
      if (!(no instanceof No) || no.kind !== "stale" || !unmoved) throw no;
      return this.#desk.ticketDo(what, no.state.digest);
    }
  }

  async #press(send, words) {
    if (this.#view.busy || this.#lost) return;
    const step = this.#view.step;
    if (step) step.busy = true;
    this.#view.busy = true;
    this.#presses += 1;
    this.#draw();
    try {
      const answer = await send();
      this.#page.notice("good", t(words));
      this.#view.step = null;
      await this.#fromAnswer(answer);
    } catch (no) {
      this.#refused(no, step);
    }
    this.#view.busy = false;
    this.#presses += 1;
    this.#draw();
    if (this.#over) return;
    this.#eagerUntil = performance.now() + EAGER_FOR;
    this.#page.focus("head");
    this.#soon();
  }

  async #fromAnswer(answer) {
    if (answer.status === 204 || !(answer.headers.get("Content-Type") ?? "").includes("json")) return;
    const told = await answer.json().catch(() => null);
    const state = told?.state ?? told;
    if (Array.isArray(state?.cards)) {
      this.#desk.lookAnew();
      this.#view.state = state;
    }
  }

  #refused(no, step) {
    if (!(no instanceof No)) throw no;
    if (step) step.busy = false;
    if (no.kind === "ended") return this.#end("ended");
    if (no.kind === "offline" || (no.kind === "away" && !no.code)) {
      this.#view.step = null;
      this.#lost = true;
      return this.#page.notice("alarm", t("unsure"));
    }
    if (["stale", "partly"].includes(no.kind) && no.code !== BUSY) this.#view.step = null;
    if (no.state) {
      this.#desk.lookAnew();
      this.#view.state = no.state;
      if (step && !stands(step, no.state)) this.#view.step = null;
    }
    return this.#page.notice("waits", no.detail || t(no.kind === "stale" ? "stale" : "not_done"));
  }

  async lookElsewhere() {
    try {
      const found = await this.#desk.waiting();
      const here = this.#view.state?.ticket;
      this.#view.elsewhere = { ...found, items: found.items.filter((one) => one.ticket !== here) };
    } catch (no) {
      if (no instanceof No && no.kind === "ended") return this.#end("ended");
      this.#view.elsewhere = "failed";
    }
    this.#draw();
    return undefined;
  }

  openTicket(number) {
    this.#frame.open(number).catch(() => {});
  }
}

/** Whether what was begun still stands as it was seen. */
function stands(step, state) {
  if (step.kind === "undo") return state.done.some((one) => one.operation === step.of && one.undo?.digest === step.digest);
  if (step.kind === "resume") return Boolean(state.paused) && state.paused_digest === step.digest;
  if (STEP_OF_ANOTHER_KIND.includes(step.kind)) return true;
  const may = step.kind === "decline" ? (one) => one.may_decline : mayApprove;
  return state.cards.some((one) => one.wait === step.of && one.digest === step.digest && may(one));
}

/** The session's key is taken out of the page at once. */
function key() {
  const meta = document.querySelector('meta[name="deskhand-session"]');
  const found = meta?.content ?? "";
  meta?.remove();
  return found;
}

const session = key();
speak(document.documentElement.lang);
const root = document.getElementById("deskhand");
const page = new Page(root);
const frame = Frame.open();
if (!globalThis.ZAFClient) page.only("outside", t("sdk_missing"), "alarm");
else if (!frame) page.only("outside");
else if (!session) { frame.follow(root); frame.followScheme(); page.only("ended"); }
else {
  frame.follow(root);
  frame.followScheme();
  new Sidebar(new Desk(session), frame, page).start();
}
