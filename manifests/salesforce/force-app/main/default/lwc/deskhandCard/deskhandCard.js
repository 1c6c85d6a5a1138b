import { LightningElement, api } from "lwc";
import { inWords, minor, places, plain, t, when } from "c/deskhandWords";

const ROWS = [
    ["missing", "missing"],
    ["risk", "risk"],
    ["evidence", "evidence"],
    ["undo_how", "undo"],
    ["rule", "rule"]
];
const MORE = [
    ["reply", "reply_preview"],
    ["on_no", "on_no"],
    ["on_timeout", "on_timeout"],
    ["charge", "charge"]
];
const FIRST = { approve: "step", lower: "amount", decline: "reason" };

/** One waiting approval: what, whose, why, how sure, and the two presses that decide it. */
export default class DeskhandCard extends LightningElement {
    @api card;
    /** Beside one card alone the head of the panel says who must answer. */
    @api alone = false;

    words = {
        amountForm: t("approve_less"),
        approve: t("approve"),
        approveLess: t("approve_less"),
        approving: t("approving"),
        back: t("back"),
        checkAmount: t("check_amount"),
        decline: t("decline"),
        declineNow: t("decline_now"),
        more: t("more"),
        quote: t("quote"),
        reason: t("reason"),
        wroteAgain: t("wrote_again")
    };
    begun = null;
    typed = "";
    focusNext = null;

    /** What was begun on this card: {kind: approve, lower or decline; amount; mistake; busy}, or null. */
    @api
    get step() {
        return this.begun;
    }

    set step(value) {
        const before = this.begun;
        this.begun = value;
        if (value?.kind === before?.kind && value?.amount === before?.amount) return;
        if (value?.kind !== before?.kind) this.typed = "";
        this.focusNext = value ? FIRST[value.kind] : null;
    }

    /** Puts the keyboard on the card's title. */
    @api
    focusTitle() {
        this.template.querySelector("h3").focus();
    }

    renderedCallback() {
        if (!this.focusNext) return;
        this.template.querySelector(`[data-key="${this.focusNext}"]`)?.focus();
        this.focusNext = null;
    }

    get details() {
        return this.card.details.map((text, key) => ({ key, text }));
    }

    get rows() {
        return rows(ROWS, this.card);
    }

    get moreRows() {
        return rows(MORE, this.card);
    }

    get approvedBy() {
        return this.card.approved_by ? t("approved_by", { who: this.card.approved_by }) : null;
    }

    get decides() {
        return this.alone ? null : `${this.card.for_whom_words}.`;
    }

    get until() {
        return t("until", { time: when(this.card.expires_at) });
    }

    get choosing() {
        return !this.begun;
    }

    get approving() {
        return this.begun?.kind === "approve";
    }

    get lowering() {
        return this.begun?.kind === "lower";
    }

    get declining() {
        return this.begun?.kind === "decline";
    }

    get mayWhole() {
        const { amount, highest, may_i: may } = this.card;
        return may && !(amount && highest && highest.minor < amount.minor);
    }

    get mayLess() {
        return Boolean(this.card.amount && this.card.highest);
    }

    get mayPress() {
        return this.mayWhole || this.mayLess || this.card.may_decline;
    }

    get whyNot() {
        if (this.mayWhole || !this.card.why_not || this.card.for_whom === "customer") return null;
        return this.mayLess
            ? `${this.card.why_not} ${t("up_to", { highest: this.card.highest.words })}`
            : this.card.why_not;
    }

    get what() {
        const { amount } = this.begun;
        return amount === undefined ? this.card.title : t("refund_of", { money: inWords(this.card.amount, amount) });
    }

    get insteadOf() {
        return this.begun.amount === undefined ? null : ` ${t("instead_of", { money: this.card.amount.words })}`;
    }

    get forWhom() {
        return t("for_whom", { whose: this.card.whose });
    }

    get approveButton() {
        return t("approve_button", { what: this.what, whose: this.card.whose });
    }

    get declineThis() {
        return t("decline_this", { what: this.card.title });
    }

    get amountLabel() {
        return t("amount", { currency: this.card.amount.currency });
    }

    get amountHint() {
        return this.begun.mistake || this.range("amount_hint");
    }

    get reasonHint() {
        return this.begun.mistake || t("reason_hint");
    }

    get hintLook() {
        return this.begun.mistake ? "mistake" : "quiet";
    }

    get hintRole() {
        return this.begun.mistake ? "alert" : null;
    }

    get wrong() {
        return this.begun.mistake ? "true" : null;
    }

    get busy() {
        return Boolean(this.begun?.busy);
    }

    get still() {
        return this.busy ? "true" : null;
    }

    range(name) {
        const { lowest, highest } = this.card;
        return lowest
            ? t(name, { lowest: lowest.words, highest: highest.words })
            : t(`${name}_to`, { highest: highest.words });
    }

    handleApprove() {
        this.begin({ kind: "approve" });
    }

    handleLower() {
        this.begin({ kind: "lower" });
    }

    handleDecline() {
        this.begin({ kind: "decline" });
    }

    handleBack() {
        if (!this.busy) this.begin(null);
    }

    handleTyped(event) {
        this.typed = event.target.value;
    }

    /** The amount is looked at here and decided by the server. */
    handleAmount(event) {
        event.preventDefault();
        const { amount: whole, lowest, highest } = this.card;
        const decimals = places(whole);
        const amount = minor(this.typed, decimals);
        if (amount === null) this.mistake(t("amount_wrong", { example: plain(highest.minor, decimals) }));
        else if (amount < (lowest?.minor ?? 1) || amount > highest.minor) this.mistake(this.range("amount_out"));
        else this.begin(amount < whole.minor ? { kind: "approve", amount } : { kind: "approve" });
    }

    handleSureApprove() {
        const { amount } = this.begun;
        this.press("approve", { amount: amount === undefined ? null : plain(amount, places(this.card.amount)) });
    }

    handleSureDecline() {
        const reason = this.typed.trim();
        if (reason) this.press("decline", { reason });
        else this.mistake(t("reason_missing"));
    }

    mistake(words) {
        this.begin({ ...this.begun, mistake: words });
    }

    begin(step) {
        this.dispatchEvent(
            new CustomEvent("begin", { detail: step && { ...step, of: this.card.wait, digest: this.card.digest } })
        );
    }

    press(act, said) {
        const { wait, digest } = this.card;
        this.dispatchEvent(new CustomEvent("press", { detail: { act, said: { waitId: wait, digest, ...said } } }));
    }
}

function rows(names, card) {
    return names
        .map(([label, field]) => ({
            name: field,
            label: t(label),
            values: [card[field]]
                .flat()
                .filter(Boolean)
                .map((text, key) => ({ key, text }))
        }))
        .filter((row) => row.values.length);
}
