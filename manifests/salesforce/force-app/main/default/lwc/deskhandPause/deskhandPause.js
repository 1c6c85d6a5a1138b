import { LightningElement, api } from "lwc";
import { t } from "c/deskhandWords";

const FIRST = { pause: "reason", resume: "step" };

/** The kill switch, for admins. */
export default class DeskhandPause extends LightningElement {
    /** Why it is paused, in words; null when it is not. */
    @api paused = null;
    /** Names what is paused, as Deskhand gave it. */
    @api digest = null;

    words = {
        all: ` ${t("pause_all")}`,
        back: t("back"),
        hint: t("pause_hint"),
        pause: t("pause"),
        pauseNow: t("pause_confirm"),
        reason: t("pause_reason"),
        refund: ` ${t("pause_refund")}`,
        resume: t("resume"),
        resumeNow: t("resume_confirm"),
        resumeWhat: t("resume_what"),
        settings: t("settings"),
        what: t("pause_what")
    };
    begun = null;
    typed = "";
    what = "all";
    focusNext = null;

    /** {kind: pause or resume, mistake, busy}, or null. */
    @api
    get step() {
        return this.begun;
    }

    set step(value) {
        const before = this.begun;
        this.begun = value;
        if (value?.kind === before?.kind) return;
        this.typed = "";
        this.what = "all";
        if (value) this.focusNext = FIRST[value.kind];
        else if (!before.busy) this.focusNext = before.kind;
    }

    renderedCallback() {
        if (!this.focusNext) return;
        this.template.querySelector(`[data-key="${this.focusNext}"]`)?.focus();
        this.focusNext = null;
    }

    get pausedNow() {
        return this.paused ? t("paused_now", { why: this.paused }) : null;
    }

    get pausing() {
        return this.begun?.kind === "pause";
    }

    get resuming() {
        return this.begun?.kind === "resume";
    }

    get all() {
        return this.what === "all";
    }

    get refundsOnly() {
        return this.what === "refund";
    }

    get busy() {
        return Boolean(this.begun?.busy);
    }

    get still() {
        return this.busy ? "true" : null;
    }

    get wrong() {
        return this.begun?.mistake ? "true" : null;
    }

    handlePause() {
        this.begin({ kind: "pause" });
    }

    handleResume() {
        this.begin({ kind: "resume", digest: this.digest });
    }

    handleBack() {
        if (!this.busy) this.begin(null);
    }

    handleWhat(event) {
        this.what = event.target.value;
    }

    handleTyped(event) {
        this.typed = event.target.value;
    }

    handleSurePause() {
        const reason = this.typed.trim();
        if (reason) this.press("pause", { action: this.what, reason });
        else this.begin({ kind: "pause", mistake: t("reason_missing") });
    }

    handleSureResume() {
        this.press("resume", { digest: this.begun.digest });
    }

    begin(step) {
        this.dispatchEvent(new CustomEvent("begin", { detail: step && { ...step, of: "switch" } }));
    }

    press(act, said) {
        this.dispatchEvent(new CustomEvent("press", { detail: { act, said } }));
    }
}
