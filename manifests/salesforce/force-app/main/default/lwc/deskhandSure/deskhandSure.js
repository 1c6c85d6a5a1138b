import { LightningElement, api } from "lwc";
import { after } from "c/deskhandClock";
import { t } from "c/deskhandWords";

const RIPE_AFTER = 600;

/** The press that counts: only on what has stood on screen for a while, never as the second half of a double click. */
export default class DeskhandSure extends LightningElement {
    @api label;
    @api busy = false;
    @api danger = false;

    ripe = false;
    stop = () => {};

    connectedCallback() {
        this.stop = after(RIPE_AFTER, () => {
            this.ripe = true;
        });
    }

    disconnectedCallback() {
        this.stop();
    }

    get words() {
        return this.busy ? t("sending") : this.label;
    }

    get waits() {
        return this.busy || !this.ripe ? "true" : null;
    }

    get look() {
        return this.danger ? "button danger" : "button primary";
    }

    handleClick(event) {
        if (this.busy || !this.ripe || event.detail > 1) return;
        this.dispatchEvent(new CustomEvent("sure"));
    }
}
