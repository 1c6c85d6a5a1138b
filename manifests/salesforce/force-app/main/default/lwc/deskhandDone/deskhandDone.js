import { LightningElement, api } from "lwc";
import { t, when } from "c/deskhandWords";

const facts = (some) => some.filter(Boolean).join(" · ");

/** What was done on this case, each with its way back or why there is none. */
export default class DeskhandDone extends LightningElement {
    @api done;

    words = { back: t("back"), list: t("done_list"), undo: t("undo"), undoing: t("undoing") };
    begun = null;
    focusNext = null;

    /** The undo that was begun: {kind: undo, of: the operation, busy}, or null. */
    @api
    get step() {
        return this.begun;
    }

    set step(value) {
        const before = this.begun;
        this.begun = value;
        if (value && value.of !== before?.of) this.focusNext = "step";
        else if (!value && before && !before.busy) this.focusNext = `undo-${before.of}`;
    }

    renderedCallback() {
        if (!this.focusNext) return;
        this.template.querySelector(`[data-key="${this.focusNext}"]`)?.focus();
        this.focusNext = null;
    }

    get items() {
        return this.done.map((one) => {
            const undone = one.state === "undone";
            const begun = this.begun?.of === one.operation;
            return {
                ...one,
                sign: undone ? "↩" : "✓",
                undone: undone ? ` – ${t("undone")}` : null,
                look: undone ? "undone" : "",
                at: facts([
                    when(one.at),
                    one.by.length ? t("by", { who: one.by.join(", ") }) : "",
                    one.receipt ? t("receipt", { number: one.receipt }) : ""
                ]),
                begun,
                mayBegin: !undone && !begun && one.undo.possible && one.undo.digest,
                undoKey: `undo-${one.operation}`,
                undoWords: undone ? null : one.undo.words,
                undoButton: t("undo_button", { what: one.title })
            };
        });
    }

    get busy() {
        return Boolean(this.begun?.busy);
    }

    get still() {
        return this.busy ? "true" : null;
    }

    handleBegin(event) {
        const one = this.named(event);
        this.begin({ kind: "undo", of: one.operation, digest: one.undo.digest });
    }

    handleBack() {
        if (!this.busy) this.begin(null);
    }

    handleSure(event) {
        const { operation, undo } = this.named(event);
        this.dispatchEvent(
            new CustomEvent("press", { detail: { act: "undo", said: { operation, digest: undo.digest } } })
        );
    }

    named(event) {
        return this.done.find((one) => one.operation === event.currentTarget.dataset.operation);
    }

    begin(step) {
        this.dispatchEvent(new CustomEvent("begin", { detail: step }));
    }
}
