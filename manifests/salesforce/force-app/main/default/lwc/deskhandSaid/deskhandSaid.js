import { LightningElement, api } from "lwc";
import { languageOf, t } from "c/deskhandWords";

const LONG = 280;
const START = 220;

/** Words that somebody else wrote: their direction stays inside, and much of it opens on demand. */
export default class DeskhandSaid extends LightningElement {
    @api text = "";

    more = ` ${t("show_all")}`;

    get whole() {
        return String(this.text ?? "");
    }

    get long() {
        return Array.from(this.whole).length > LONG;
    }

    get start() {
        return `${Array.from(this.whole).slice(0, START).join("").trimEnd()}…`;
    }

    get language() {
        return languageOf(this.whole);
    }
}
