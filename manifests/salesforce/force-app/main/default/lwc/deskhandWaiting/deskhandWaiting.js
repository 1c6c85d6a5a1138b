import { LightningElement, api } from "lwc";
import { NavigationMixin } from "lightning/navigation";
import { t, when } from "c/deskhandWords";

const CASE = /:(500[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?)$/;

/** What waits on other cases; asked for when it is opened. */
export default class DeskhandWaiting extends NavigationMixin(LightningElement) {
    /** As the API says it; null while it is read, "failed" when it could not be. */
    @api found = null;

    words = {
        elsewhere: t("elsewhere"),
        failed: t("elsewhere_failed"),
        loading: t("loading"),
        more: t("and_more"),
        none: t("elsewhere_none"),
        noneOfTheOldest: t("elsewhere_more")
    };

    get reading() {
        return this.found === null;
    }

    get failed() {
        return this.found === "failed";
    }

    get items() {
        return this.found.items.map((one, key) => ({
            key,
            title: one.title,
            look: one.what === "held" ? "match" : "quiet",
            decides: `${one.for_whom_words} · ${t("since", { time: when(one.since) })}`,
            caseId: CASE.exec(one.ticket)?.[1],
            open: t("open_case", { what: one.title })
        }));
    }

    handleToggle(event) {
        if (event.target.open) this.dispatchEvent(new CustomEvent("look"));
    }

    handleOpen(event) {
        this[NavigationMixin.Navigate]({
            type: "standard__recordPage",
            attributes: { recordId: event.currentTarget.dataset.case, objectApiName: "Case", actionName: "view" }
        });
    }
}
