import { LightningElement, api } from "lwc";
import { day, t, when } from "c/deskhandWords";

/** Who is asking, how sure that is, what they paid and what the CRM knows. */
export default class DeskhandCustomer extends LightningElement {
    @api customer;
    /** The charges that the cards are about. */
    @api about = [];

    words = {
        contact: t("contact"),
        customer: t("customer"),
        noContact: t("no_contact"),
        noPayments: t("no_payments"),
        payments: t("payments"),
        thisOne: t("this_one")
    };

    get asOf() {
        return t("as_of", { time: when(this.customer.read_at) });
    }

    get who() {
        return [this.customer.name, this.customer.email].filter(Boolean).join(" · ");
    }

    get payments() {
        return this.customer.payments.map((one) => ({
            charge: one.charge,
            amount: one.amount.words,
            date: day(one.date),
            about: this.about.includes(one.charge),
            look: this.about.includes(one.charge) ? "about" : "",
            state: [one.state, one.method, one.refunded ? t("refunded", { money: one.refunded.words }) : ""]
                .filter(Boolean)
                .join(" · ")
        }));
    }

    get contact() {
        const { name, account, phone, mobile } = this.customer.contact ?? {};
        return {
            [t("crm_name")]: name,
            [t("crm_account")]: account,
            [t("crm_phone")]: phone,
            [t("crm_mobile")]: mobile
        };
    }
}
