import { LightningElement, api } from "lwc";

/** Names and values, as they were written down. */
export default class DeskhandFacts extends LightningElement {
    @api facts;

    get rows() {
        return Object.entries(this.facts ?? {})
            .filter(([, value]) => value !== null && value !== undefined && value !== "")
            .map(([key, value]) => ({ key, name: key.replaceAll("_", " "), value: plainly(value) }));
    }
}

function plainly(value) {
    if (Array.isArray(value)) return value.map(plainly).join(", ");
    if (value === null || typeof value !== "object") return String(value);
    return (
        value.words ??
        Object.entries(value)
            .map(([name, one]) => `${name.replaceAll("_", " ")}: ${plainly(one)}`)
            .join(", ")
    );
}
