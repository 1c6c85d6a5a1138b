import { LightningElement, api } from "lwc";
import { t } from "c/deskhandWords";

const PROOF = { true: ["proven", "✓"], false: ["not_proven", "✕"], null: ["proof_unknown", "?"] };

/** Whether the claim is proven, and by what. A claim is about money: a change of details has nothing to prove. */
export default class DeskhandProof extends LightningElement {
    /** A card, or what would have been done. */
    @api of;

    get shown() {
        return Boolean(this.of.claim || this.of.why_proven || this.of.kind === "refund");
    }

    get look() {
        return `proof ${this.found[0]}`;
    }

    get sign() {
        return this.found[1];
    }

    get words() {
        return this.of.claim ? `${t(this.found[0])}: ` : t(this.found[0]);
    }

    get found() {
        return PROOF[String(this.of.proven ?? null)];
    }
}
