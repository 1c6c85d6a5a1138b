import { LightningElement, api } from "lwc";
import { after, now } from "c/deskhandClock";
import { Desk, No } from "c/deskhandDesk";
import { has, standsInEnglish, t, when } from "c/deskhandWords";

const EVERY = 10_000;
const BRISK = 3_000;
const BRISK_FOR = 60_000;
const EAGER = 1_000;
const EAGER_FOR = 15_000;
const HIDDEN = 60_000;
const SLOWEST = 60_000;
const SOON = 1_000;
const LONG = 5_000;
const GOOD_NEWS_STAYS = 15_000;

const LOOKS = {
    shadow: "info",
    waiting: "waits",
    working: "info",
    done: "good",
    answered: "good",
    handed_over: "person",
    refused: "person",
    paused: "alarm",
    held: "alarm",
    taken_over: "person"
};
const SENT = {
    approve: "sent_approve",
    decline: "sent_decline",
    undo: "sent_undo",
    run: "sent_run",
    takeOver: "sent_take_over",
    giveBack: "sent_give_back",
    pause: "sent_pause",
    resume: "sent_resume"
};
/** Only for a moment: what was begun stays, with what was typed. */
const BUSY = "busy";
const OF_NO_CARD = ["undo", "pause", "resume"];

/** Whether this user can approve it, or some of it. */
const mayApprove = (one) => one.may_i || Boolean(one.highest);

/** One case: looks every few seconds, shows how it stands, and carries presses to Deskhand. */
export default class DeskhandPanel extends LightningElement {
    words = { actions: t("case_actions"), panel: t("panel"), pausedCards: ` ${t("paused_cards")}`, draft: t("draft") };

    /** As the API says it; null before the first answer and after the last. */
    state = null;
    /** What was begun and not yet sent: {kind, of, digest, ...}. */
    step = null;
    busy = false;
    elsewhere = null;
    /** One thing to say instead of a case: {title, detail, alarm}. */
    only = null;
    takesLong = false;
    notice = null;
    spoken = "";
    focusHead = false;

    _caseId = null;
    _desk = null;
    _over = true;
    _stopLooking = () => {};
    _stopWaiting = () => {};
    _stopFading = () => {};
    _looking = false;
    _failures = 0;
    _seenAt = null;
    /** A press got no answer, and the case has not been read since. */
    _lost = false;
    /** Counts presses: what was read before the last one is not shown after it. */
    _presses = 0;
    _briskUntil = 0;
    _eagerUntil = 0;
    _hadFocus = false;
    _comeBack = () => this.comeBack();

    /** The case this record page shows. */
    @api
    get recordId() {
        return this._caseId;
    }

    set recordId(value) {
        const changed = value !== this._caseId;
        this._caseId = value;
        if (changed && this.isConnected) this.start();
    }

    connectedCallback() {
        document.addEventListener("visibilitychange", this._comeBack);
        window.addEventListener("online", this._comeBack);
        this.start();
    }

    disconnectedCallback() {
        document.removeEventListener("visibilitychange", this._comeBack);
        window.removeEventListener("online", this._comeBack);
        this.stop();
    }

    renderedCallback() {
        const lost = this._hadFocus && !this.template.activeElement;
        this._hadFocus = false;
        if (!this.focusHead && !lost) return;
        this.focusHead = false;
        this.template.querySelector('[data-key="head"]')?.focus();
    }

    start() {
        this.stop();
        if (!this._caseId) return;
        this._desk = new Desk(this._caseId);
        this._over = false;
        this._failures = 0;
        this._lost = false;
        this._briskUntil = now() + BRISK_FOR;
        Object.assign(this, { state: null, step: null, busy: false, elsewhere: null, only: null, notice: null });
        this.takesLong = false;
        this._stopWaiting = after(LONG, () => {
            this.takesLong = true;
        });
        this.look();
    }

    stop() {
        this._over = true;
        this._stopLooking();
        this._stopWaiting();
        this._stopFading();
    }

    // What is shown.

    get loading() {
        return !this.state && !this.only;
    }

    get loadingWords() {
        return t(this.takesLong ? "loading_long" : "loading");
    }

    get aloneLook() {
        return this.only.alarm ? "alone alarm" : "alone";
    }

    get headLook() {
        return `head ${LOOKS[this.state.status] ?? "calm"}`;
    }

    get title() {
        return called(this.state);
    }

    get pausedWords() {
        return this.state.status === "paused" ? null : this.state.paused;
    }

    get decidableWhilePaused() {
        return this.state.cards.some(mayApprove);
    }

    get draft() {
        return this.state.mode === "draft";
    }

    get empty() {
        const { cards, done, shadow, status, words } = this.state;
        return status === "idle" && !words && !cards.length && !done.length && !shadow.length ? t("empty") : null;
    }

    get cards() {
        const alone = this.state.cards.length === 1;
        return this.state.cards.map((one) => ({ key: one.wait, card: one, alone, step: this.stepOf(one.wait) }));
    }

    get undoStep() {
        return this.step?.kind === "undo" ? this.step : null;
    }

    get switchStep() {
        return ["pause", "resume"].includes(this.step?.kind) ? this.step : null;
    }

    get watched() {
        return this.state.shadow.length > 0 || this.state.status === "shadow";
    }

    get actions() {
        const offered =
            this.state.status === "taken_over"
                ? [["giveBack", "give_back"]]
                : [["takeOver", "take_over"], this.state.status === "working" ? null : ["run", "run"]];
        return offered.filter(Boolean).map(([act, name]) => ({ act, label: t(name), why: t(`${name}_why`) }));
    }

    get still() {
        return this.busy ? "true" : null;
    }

    get about() {
        return this.state.cards.map((one) => one.charge);
    }

    get signedIn() {
        const { name, role, admin } = this.state.me;
        const roles = [t(`role_${role ?? "none"}`), admin ? t("role_admin") : null].filter(Boolean).join(", ");
        return t("signed_in", { name, role: roles });
    }

    get noticeLook() {
        return this.notice ? `notice ${this.notice.tone}` : "notice";
    }

    stepOf(wait) {
        return this.step && !OF_NO_CARD.includes(this.step.kind) && this.step.of === wait ? this.step : null;
    }

    // Looking.

    comeBack() {
        if (!document.hidden) this._briskUntil = now() + BRISK_FOR;
        this.soon();
    }

    soon() {
        if (this._over || !this.state) return;
        this.lookAfter(document.hidden ? HIDDEN : 0);
    }

    lookAfter(milliseconds) {
        this._stopLooking();
        if (!this._over) this._stopLooking = after(milliseconds, () => this.look());
    }

    async look() {
        this._stopLooking();
        if (this._over || this._looking) return;
        const desk = this._desk;
        const presses = this._presses;
        this._looking = true;
        let pause = null;
        try {
            const state = await desk.look();
            if (desk === this._desk) {
                if (presses === this._presses) this.take(state);
                else desk.lookAnew();
            }
        } catch (no) {
            if (desk === this._desk) {
                this.trouble(no);
                pause = this.pauseAfter();
            }
        }
        this._looking = false;
        if (desk === this._desk) this.lookAfter(pause ?? this.rhythm());
        else this.look();
    }

    rhythm() {
        if (document.hidden || !this.onScreen()) return HIDDEN;
        if (now() < this._eagerUntil || this.state?.status === "working") return EAGER;
        return now() < this._briskUntil ? BRISK : EVERY;
    }

    /** A console keeps the tabs that nobody looks at, not displayed. */
    onScreen() {
        const shown = this.template.querySelector("section");
        return shown?.checkVisibility ? shown.checkVisibility() : true;
    }

    pauseAfter() {
        this._failures += 1;
        return Math.min(SLOWEST, (this._lost ? SOON : BRISK) * 2 ** (this._failures - 1));
    }

    /** Takes up a new state; null is the one we have. What was begun on something that changed is put away. */
    take(state) {
        if (this._lost) this.say("waits", t("reread"));
        else if (this._failures && this.state) this.say("good", t("back_again"));
        this._failures = 0;
        this._lost = false;
        this._seenAt = new Date();
        if (!state) return;
        const before = this.state;
        if (before && before.status !== state.status && state.status !== "working" && this.notice?.tone === "good")
            this.say(null);
        this.show(state);
        if (this.step && !stands(this.step, state)) {
            if (!this.step.busy) this.say("waits", [t("changed"), difference(before, state)].filter(Boolean).join(" "));
            this.step = null;
        }
        if (before?.status !== state.status) this.spoken = `${called(state)}. ${state.words}`;
    }

    show(state) {
        standsInEnglish(state.untranslated ?? []);
        this._hadFocus = Boolean(this.template.activeElement);
        this.only = null;
        this.state = state;
    }

    trouble(no) {
        if (!(no instanceof No)) throw no;
        if (no.kind === "unknown") this.end("not_known", "");
        else if (no.kind === "refused" && no.status === 403) this.end("not_yours", no.detail);
        else if (!this.state) this.only = { title: t("failed"), detail: no.detail || t("failed_what") };
        else if (!this._lost && (this._failures >= 1 || no.kind === "away"))
            this.say("waits", t(no.kind === "offline" ? "offline" : "away", { time: when(this._seenAt) }));
    }

    end(name, detail) {
        this.stop();
        Object.assign(this, { state: null, step: null, busy: false, notice: null });
        this.only = { title: t(name), detail: detail || t(`${name}_what`), alarm: true };
        this.spoken = `${this.only.title}. ${this.only.detail}`;
    }

    // Pressing.

    handleBegin(event) {
        if (this.step?.busy) return;
        const step = event.detail;
        const card = this.step && this.stepOf(this.step.of) ? this.step.of : null;
        if (step && this._lost) {
            this.say("alarm", t("unsure"));
            return;
        }
        if (!step?.mistake) this.say(null);
        this.step = step;
        if (!step && card !== null) this.cardOf(card)?.focusTitle();
    }

    handlePress(event) {
        const { act, said } = event.detail;
        this.press(() => this._desk.press(act, said), act);
    }

    handleAction(event) {
        const { act } = event.currentTarget.dataset;
        this.press(() => this.onCase(act, this.state), act);
    }

    /**
     * A line more in the trail is no reason to refuse: while the case stands as it stood, and whoever had it has it
     * still, it is pressed once more.
     */
    async onCase(act, seen) {
        try {
            return await this._desk.press(act, { digest: seen.digest });
        } catch (no) {
            const unmoved = no.state?.status === seen.status && no.state?.taken === seen.taken;
            if (!(no instanceof No) || no.kind !== "stale" || !unmoved) throw no;
            return this._desk.press(act, { digest: no.state.digest });
        }
    }

    async press(send, act) {
        if (this.busy || this._lost || this._over) return;
        const desk = this._desk;
        this.busy = true;
        this._presses += 1;
        if (this.step) this.step = { ...this.step, busy: true };
        try {
            const state = await send();
            if (desk !== this._desk) return;
            this.step = null;
            this.say("good", t(SENT[act]));
            if (state) {
                desk.lookAnew();
                this.show(state);
            }
        } catch (no) {
            if (desk !== this._desk) return;
            this.refused(no);
        }
        this.busy = false;
        this._presses += 1;
        if (this._over) return;
        this._eagerUntil = now() + EAGER_FOR;
        this.focusHead = true;
        this.soon();
    }

    refused(no) {
        if (!(no instanceof No)) throw no;
        if (this.step) this.step = { ...this.step, busy: false };
        if (no.kind === "unknown") {
            this.end("not_known", "");
        } else if (no.lost) {
            this.step = null;
            this._lost = true;
            this.say("alarm", t("unsure"));
        } else {
            const before = this.state;
            if (["stale", "partly"].includes(no.kind) && no.code !== BUSY) this.step = null;
            if (no.state) {
                this._desk.lookAnew();
                this.show(no.state);
                if (this.step && !stands(this.step, no.state)) this.step = null;
            }
            const why = no.detail || t(no.kind === "stale" ? "stale" : "not_done");
            this.say("waits", [why, no.state && difference(before, no.state)].filter(Boolean).join(" "));
        }
    }

    cardOf(wait) {
        return [...this.template.querySelectorAll("c-deskhand-card")].find((one) => one.card.wait === wait);
    }

    /** A line above everything: tone is good, waits or alarm; null takes it away. */
    say(tone, words = "") {
        this._stopFading();
        this.notice = tone ? { tone, words } : null;
        if (tone === "good") this._stopFading = after(GOOD_NEWS_STAYS, () => this.say(null));
    }

    // Other cases.

    async handleElsewhere() {
        const desk = this._desk;
        try {
            const found = await desk.waiting();
            const here = this.state?.ticket;
            this.elsewhere = { ...found, items: found.items.filter((one) => one.ticket !== here) };
        } catch (no) {
            if (!(no instanceof No)) throw no;
            if (desk === this._desk) this.elsewhere = "failed";
        }
    }
}

/** The status by a name that says for whom it waits; what was taken back is not called done. */
function called({ status, cards, done }) {
    if (status === "done" && done.length && done.every((one) => one.state === "undone")) return t("taken_back");
    if (status !== "waiting" || !cards.length) return t(has(status) ? status : "unknown");
    if (cards.some((one) => one.may_i)) return t("waiting_you");
    const whom = new Set(cards.map((one) => one.for_whom));
    return t(whom.size > 1 ? "waiting" : `waiting_${[...whom][0]}`);
}

/** What of a case is another than it was, in a few words; nothing where a look says it better. */
function difference(before, after_) {
    if (!before) return "";
    const asked = (state) => state.cards.map((one) => one.title).join(", ");
    const [was, is] =
        called(before) === called(after_) ? [asked(before), asked(after_)] : [called(before), called(after_)];
    return was && is && was !== is ? t("now", { before: was, now: is }) : "";
}

/** Whether what was begun still stands as it was seen. */
function stands(step, state) {
    if (step.kind === "undo")
        return state.done.some((one) => one.operation === step.of && one.undo.digest === step.digest);
    if (step.kind === "resume") return Boolean(state.paused) && state.paused_digest === step.digest;
    if (OF_NO_CARD.includes(step.kind)) return true;
    const may = step.kind === "decline" ? (one) => one.may_decline : mayApprove;
    return state.cards.some((one) => one.wait === step.of && one.digest === step.digest && may(one));
}
