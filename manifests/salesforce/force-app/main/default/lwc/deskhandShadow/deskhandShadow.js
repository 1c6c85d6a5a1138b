import { LightningElement, api } from "lwc";
import { t } from "c/deskhandWords";

/** Where Deskhand only watches: what it would have done. */
export default class DeskhandShadow extends LightningElement {
    @api items;

    words = { none: t("watching_none"), quote: t("quote"), watching: t("watching") };

    get listed() {
        return this.items.map((one, key) => ({
            ...one,
            key,
            whole: one,
            rules: one.rule.map((text, at) => ({ at, text }))
        }));
    }
}
