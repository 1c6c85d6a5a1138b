import { LightningElement, api } from "lwc";
import { t, when } from "c/deskhandWords";

/** What happened, in plain words; the facts behind each line open on demand. */
export default class DeskhandTrail extends LightningElement {
    @api trail;

    words = { facts: t("facts"), none: t("trail_none"), trail: t("trail") };

    get lines() {
        return this.trail.filter((one) => !one.step).map(line);
    }

    get all() {
        return this.trail.map(line);
    }

    get steps() {
        return t("steps", { count: this.trail.length });
    }
}

function line(one, place) {
    return {
        ...one,
        key: `${place}-${one.at}`,
        time: when(one.at),
        often: one.times > 1 ? ` ${t("times", { count: one.times })}` : null,
        hasFacts: Boolean(one.facts && Object.keys(one.facts).length)
    };
}
