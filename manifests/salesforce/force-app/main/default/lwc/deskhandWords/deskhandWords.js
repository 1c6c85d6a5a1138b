// The component's own words (custom labels, so that an org can translate them), and how times and amounts are written.

import lang from "@salesforce/i18n/lang";
import locale from "@salesforce/i18n/locale";
import timeZone from "@salesforce/i18n/timeZone";
import panelLabel from "@salesforce/label/c.Deskhand_Panel_Panel";
import idleLabel from "@salesforce/label/c.Deskhand_Panel_Idle";
import shadowLabel from "@salesforce/label/c.Deskhand_Panel_Shadow";
import waitingLabel from "@salesforce/label/c.Deskhand_Panel_Waiting";
import waitingYouLabel from "@salesforce/label/c.Deskhand_Panel_Waiting_You";
import waitingCustomerLabel from "@salesforce/label/c.Deskhand_Panel_Waiting_Customer";
import waitingAgentLabel from "@salesforce/label/c.Deskhand_Panel_Waiting_Agent";
import waitingLeadLabel from "@salesforce/label/c.Deskhand_Panel_Waiting_Lead";
import waitingFinanceLabel from "@salesforce/label/c.Deskhand_Panel_Waiting_Finance";
import workingLabel from "@salesforce/label/c.Deskhand_Panel_Working";
import doneLabel from "@salesforce/label/c.Deskhand_Panel_Done";
import takenBackLabel from "@salesforce/label/c.Deskhand_Panel_Taken_Back";
import answeredLabel from "@salesforce/label/c.Deskhand_Panel_Answered";
import handedOverLabel from "@salesforce/label/c.Deskhand_Panel_Handed_Over";
import refusedLabel from "@salesforce/label/c.Deskhand_Panel_Refused";
import pausedLabel from "@salesforce/label/c.Deskhand_Panel_Paused";
import heldLabel from "@salesforce/label/c.Deskhand_Panel_Held";
import takenOverLabel from "@salesforce/label/c.Deskhand_Panel_Taken_Over";
import unknownLabel from "@salesforce/label/c.Deskhand_Panel_Unknown";
import loadingLabel from "@salesforce/label/c.Deskhand_Panel_Loading";
import loadingLongLabel from "@salesforce/label/c.Deskhand_Panel_Loading_Long";
import emptyLabel from "@salesforce/label/c.Deskhand_Panel_Empty";
import notKnownLabel from "@salesforce/label/c.Deskhand_Panel_Not_Known";
import notKnownWhatLabel from "@salesforce/label/c.Deskhand_Panel_Not_Known_What";
import notYoursLabel from "@salesforce/label/c.Deskhand_Panel_Not_Yours";
import notYoursWhatLabel from "@salesforce/label/c.Deskhand_Panel_Not_Yours_What";
import failedLabel from "@salesforce/label/c.Deskhand_Panel_Failed";
import failedWhatLabel from "@salesforce/label/c.Deskhand_Panel_Failed_What";
import offlineLabel from "@salesforce/label/c.Deskhand_Panel_Offline";
import awayLabel from "@salesforce/label/c.Deskhand_Panel_Away";
import backAgainLabel from "@salesforce/label/c.Deskhand_Panel_Back_Again";
import approveLabel from "@salesforce/label/c.Deskhand_Panel_Approve";
import approveLessLabel from "@salesforce/label/c.Deskhand_Panel_Approve_Less";
import declineLabel from "@salesforce/label/c.Deskhand_Panel_Decline";
import declineNowLabel from "@salesforce/label/c.Deskhand_Panel_Decline_Now";
import undoLabel from "@salesforce/label/c.Deskhand_Panel_Undo";
import backLabel from "@salesforce/label/c.Deskhand_Panel_Back";
import runLabel from "@salesforce/label/c.Deskhand_Panel_Run";
import takeOverLabel from "@salesforce/label/c.Deskhand_Panel_Take_Over";
import giveBackLabel from "@salesforce/label/c.Deskhand_Panel_Give_Back";
import showAllLabel from "@salesforce/label/c.Deskhand_Panel_Show_All";
import runWhyLabel from "@salesforce/label/c.Deskhand_Panel_Run_Why";
import takeOverWhyLabel from "@salesforce/label/c.Deskhand_Panel_Take_Over_Why";
import giveBackWhyLabel from "@salesforce/label/c.Deskhand_Panel_Give_Back_Why";
import approvingLabel from "@salesforce/label/c.Deskhand_Panel_Approving";
import forWhomLabel from "@salesforce/label/c.Deskhand_Panel_For_Whom";
import approveButtonLabel from "@salesforce/label/c.Deskhand_Panel_Approve_Button";
import amountLabel from "@salesforce/label/c.Deskhand_Panel_Amount";
import amountHintLabel from "@salesforce/label/c.Deskhand_Panel_Amount_Hint";
import amountHintToLabel from "@salesforce/label/c.Deskhand_Panel_Amount_Hint_To";
import amountWrongLabel from "@salesforce/label/c.Deskhand_Panel_Amount_Wrong";
import amountOutLabel from "@salesforce/label/c.Deskhand_Panel_Amount_Out";
import amountOutToLabel from "@salesforce/label/c.Deskhand_Panel_Amount_Out_To";
import checkAmountLabel from "@salesforce/label/c.Deskhand_Panel_Check_Amount";
import refundOfLabel from "@salesforce/label/c.Deskhand_Panel_Refund_Of";
import insteadOfLabel from "@salesforce/label/c.Deskhand_Panel_Instead_Of";
import reasonLabel from "@salesforce/label/c.Deskhand_Panel_Reason";
import reasonHintLabel from "@salesforce/label/c.Deskhand_Panel_Reason_Hint";
import reasonMissingLabel from "@salesforce/label/c.Deskhand_Panel_Reason_Missing";
import declineThisLabel from "@salesforce/label/c.Deskhand_Panel_Decline_This";
import undoingLabel from "@salesforce/label/c.Deskhand_Panel_Undoing";
import undoButtonLabel from "@salesforce/label/c.Deskhand_Panel_Undo_Button";
import sendingLabel from "@salesforce/label/c.Deskhand_Panel_Sending";
import sentApproveLabel from "@salesforce/label/c.Deskhand_Panel_Sent_Approve";
import sentDeclineLabel from "@salesforce/label/c.Deskhand_Panel_Sent_Decline";
import sentUndoLabel from "@salesforce/label/c.Deskhand_Panel_Sent_Undo";
import sentRunLabel from "@salesforce/label/c.Deskhand_Panel_Sent_Run";
import sentTakeOverLabel from "@salesforce/label/c.Deskhand_Panel_Sent_Take_Over";
import sentGiveBackLabel from "@salesforce/label/c.Deskhand_Panel_Sent_Give_Back";
import sentPauseLabel from "@salesforce/label/c.Deskhand_Panel_Sent_Pause";
import sentResumeLabel from "@salesforce/label/c.Deskhand_Panel_Sent_Resume";
import unsureLabel from "@salesforce/label/c.Deskhand_Panel_Unsure";
import rereadLabel from "@salesforce/label/c.Deskhand_Panel_Reread";
import changedLabel from "@salesforce/label/c.Deskhand_Panel_Changed";
import staleLabel from "@salesforce/label/c.Deskhand_Panel_Stale";
import notDoneLabel from "@salesforce/label/c.Deskhand_Panel_Not_Done";
import nowLabel from "@salesforce/label/c.Deskhand_Panel_Now";
import provenLabel from "@salesforce/label/c.Deskhand_Panel_Proven";
import notProvenLabel from "@salesforce/label/c.Deskhand_Panel_Not_Proven";
import proofUnknownLabel from "@salesforce/label/c.Deskhand_Panel_Proof_Unknown";
import quoteLabel from "@salesforce/label/c.Deskhand_Panel_Quote";
import evidenceLabel from "@salesforce/label/c.Deskhand_Panel_Evidence";
import missingLabel from "@salesforce/label/c.Deskhand_Panel_Missing";
import ruleLabel from "@salesforce/label/c.Deskhand_Panel_Rule";
import riskLabel from "@salesforce/label/c.Deskhand_Panel_Risk";
import undoHowLabel from "@salesforce/label/c.Deskhand_Panel_Undo_How";
import onNoLabel from "@salesforce/label/c.Deskhand_Panel_On_No";
import onTimeoutLabel from "@salesforce/label/c.Deskhand_Panel_On_Timeout";
import replyLabel from "@salesforce/label/c.Deskhand_Panel_Reply";
import chargeLabel from "@salesforce/label/c.Deskhand_Panel_Charge";
import untilLabel from "@salesforce/label/c.Deskhand_Panel_Until";
import sinceLabel from "@salesforce/label/c.Deskhand_Panel_Since";
import moreLabel from "@salesforce/label/c.Deskhand_Panel_More";
import doneListLabel from "@salesforce/label/c.Deskhand_Panel_Done_List";
import byLabel from "@salesforce/label/c.Deskhand_Panel_By";
import receiptLabel from "@salesforce/label/c.Deskhand_Panel_Receipt";
import undoneLabel from "@salesforce/label/c.Deskhand_Panel_Undone";
import watchingLabel from "@salesforce/label/c.Deskhand_Panel_Watching";
import watchingNoneLabel from "@salesforce/label/c.Deskhand_Panel_Watching_None";
import customerLabel from "@salesforce/label/c.Deskhand_Panel_Customer";
import paymentsLabel from "@salesforce/label/c.Deskhand_Panel_Payments";
import noPaymentsLabel from "@salesforce/label/c.Deskhand_Panel_No_Payments";
import contactLabel from "@salesforce/label/c.Deskhand_Panel_Contact";
import noContactLabel from "@salesforce/label/c.Deskhand_Panel_No_Contact";
import asOfLabel from "@salesforce/label/c.Deskhand_Panel_As_Of";
import thisOneLabel from "@salesforce/label/c.Deskhand_Panel_This_One";
import refundedLabel from "@salesforce/label/c.Deskhand_Panel_Refunded";
import crmNameLabel from "@salesforce/label/c.Deskhand_Panel_Crm_Name";
import crmAccountLabel from "@salesforce/label/c.Deskhand_Panel_Crm_Account";
import crmPhoneLabel from "@salesforce/label/c.Deskhand_Panel_Crm_Phone";
import crmMobileLabel from "@salesforce/label/c.Deskhand_Panel_Crm_Mobile";
import trailLabel from "@salesforce/label/c.Deskhand_Panel_Trail";
import trailNoneLabel from "@salesforce/label/c.Deskhand_Panel_Trail_None";
import factsLabel from "@salesforce/label/c.Deskhand_Panel_Facts";
import stepsLabel from "@salesforce/label/c.Deskhand_Panel_Steps";
import timesLabel from "@salesforce/label/c.Deskhand_Panel_Times";
import elsewhereLabel from "@salesforce/label/c.Deskhand_Panel_Elsewhere";
import elsewhereMoreLabel from "@salesforce/label/c.Deskhand_Panel_Elsewhere_More";
import elsewhereNoneLabel from "@salesforce/label/c.Deskhand_Panel_Elsewhere_None";
import elsewhereFailedLabel from "@salesforce/label/c.Deskhand_Panel_Elsewhere_Failed";
import openCaseLabel from "@salesforce/label/c.Deskhand_Panel_Open_Case";
import andMoreLabel from "@salesforce/label/c.Deskhand_Panel_And_More";
import caseActionsLabel from "@salesforce/label/c.Deskhand_Panel_Case_Actions";
import settingsLabel from "@salesforce/label/c.Deskhand_Panel_Settings";
import pausedNowLabel from "@salesforce/label/c.Deskhand_Panel_Paused_Now";
import pausedCardsLabel from "@salesforce/label/c.Deskhand_Panel_Paused_Cards";
import pauseLabel from "@salesforce/label/c.Deskhand_Panel_Pause";
import pauseWhatLabel from "@salesforce/label/c.Deskhand_Panel_Pause_What";
import pauseRefundLabel from "@salesforce/label/c.Deskhand_Panel_Pause_Refund";
import pauseAllLabel from "@salesforce/label/c.Deskhand_Panel_Pause_All";
import pauseReasonLabel from "@salesforce/label/c.Deskhand_Panel_Pause_Reason";
import pauseConfirmLabel from "@salesforce/label/c.Deskhand_Panel_Pause_Confirm";
import pauseHintLabel from "@salesforce/label/c.Deskhand_Panel_Pause_Hint";
import resumeLabel from "@salesforce/label/c.Deskhand_Panel_Resume";
import resumeConfirmLabel from "@salesforce/label/c.Deskhand_Panel_Resume_Confirm";
import resumeWhatLabel from "@salesforce/label/c.Deskhand_Panel_Resume_What";
import signedInLabel from "@salesforce/label/c.Deskhand_Panel_Signed_In";
import roleNoneLabel from "@salesforce/label/c.Deskhand_Panel_Role_None";
import roleAgentLabel from "@salesforce/label/c.Deskhand_Panel_Role_Agent";
import roleLeadLabel from "@salesforce/label/c.Deskhand_Panel_Role_Lead";
import roleFinanceLabel from "@salesforce/label/c.Deskhand_Panel_Role_Finance";
import roleAdminLabel from "@salesforce/label/c.Deskhand_Panel_Role_Admin";
import draftLabel from "@salesforce/label/c.Deskhand_Panel_Draft";
import wroteAgainLabel from "@salesforce/label/c.Deskhand_Panel_Wrote_Again";
import approvedByLabel from "@salesforce/label/c.Deskhand_Panel_Approved_By";
import upToLabel from "@salesforce/label/c.Deskhand_Panel_Up_To";

const WORDS = {
    panel: panelLabel,
    idle: idleLabel,
    shadow: shadowLabel,
    waiting: waitingLabel,
    waiting_you: waitingYouLabel,
    waiting_customer: waitingCustomerLabel,
    waiting_agent: waitingAgentLabel,
    waiting_lead: waitingLeadLabel,
    waiting_finance: waitingFinanceLabel,
    working: workingLabel,
    done: doneLabel,
    taken_back: takenBackLabel,
    answered: answeredLabel,
    handed_over: handedOverLabel,
    refused: refusedLabel,
    paused: pausedLabel,
    held: heldLabel,
    taken_over: takenOverLabel,
    unknown: unknownLabel,
    loading: loadingLabel,
    loading_long: loadingLongLabel,
    empty: emptyLabel,
    not_known: notKnownLabel,
    not_known_what: notKnownWhatLabel,
    not_yours: notYoursLabel,
    not_yours_what: notYoursWhatLabel,
    failed: failedLabel,
    failed_what: failedWhatLabel,
    offline: offlineLabel,
    away: awayLabel,
    back_again: backAgainLabel,
    approve: approveLabel,
    approve_less: approveLessLabel,
    decline: declineLabel,
    decline_now: declineNowLabel,
    undo: undoLabel,
    back: backLabel,
    run: runLabel,
    take_over: takeOverLabel,
    give_back: giveBackLabel,
    show_all: showAllLabel,
    run_why: runWhyLabel,
    take_over_why: takeOverWhyLabel,
    give_back_why: giveBackWhyLabel,
    approving: approvingLabel,
    for_whom: forWhomLabel,
    approve_button: approveButtonLabel,
    amount: amountLabel,
    amount_hint: amountHintLabel,
    amount_hint_to: amountHintToLabel,
    amount_wrong: amountWrongLabel,
    amount_out: amountOutLabel,
    amount_out_to: amountOutToLabel,
    check_amount: checkAmountLabel,
    refund_of: refundOfLabel,
    instead_of: insteadOfLabel,
    reason: reasonLabel,
    reason_hint: reasonHintLabel,
    reason_missing: reasonMissingLabel,
    decline_this: declineThisLabel,
    undoing: undoingLabel,
    undo_button: undoButtonLabel,
    sending: sendingLabel,
    sent_approve: sentApproveLabel,
    sent_decline: sentDeclineLabel,
    sent_undo: sentUndoLabel,
    sent_run: sentRunLabel,
    sent_take_over: sentTakeOverLabel,
    sent_give_back: sentGiveBackLabel,
    sent_pause: sentPauseLabel,
    sent_resume: sentResumeLabel,
    unsure: unsureLabel,
    reread: rereadLabel,
    changed: changedLabel,
    stale: staleLabel,
    not_done: notDoneLabel,
    now: nowLabel,
    proven: provenLabel,
    not_proven: notProvenLabel,
    proof_unknown: proofUnknownLabel,
    quote: quoteLabel,
    evidence: evidenceLabel,
    missing: missingLabel,
    rule: ruleLabel,
    risk: riskLabel,
    undo_how: undoHowLabel,
    on_no: onNoLabel,
    on_timeout: onTimeoutLabel,
    reply: replyLabel,
    charge: chargeLabel,
    until: untilLabel,
    since: sinceLabel,
    more: moreLabel,
    done_list: doneListLabel,
    by: byLabel,
    receipt: receiptLabel,
    undone: undoneLabel,
    watching: watchingLabel,
    watching_none: watchingNoneLabel,
    customer: customerLabel,
    payments: paymentsLabel,
    no_payments: noPaymentsLabel,
    contact: contactLabel,
    no_contact: noContactLabel,
    as_of: asOfLabel,
    this_one: thisOneLabel,
    refunded: refundedLabel,
    crm_name: crmNameLabel,
    crm_account: crmAccountLabel,
    crm_phone: crmPhoneLabel,
    crm_mobile: crmMobileLabel,
    trail: trailLabel,
    trail_none: trailNoneLabel,
    facts: factsLabel,
    steps: stepsLabel,
    times: timesLabel,
    elsewhere: elsewhereLabel,
    elsewhere_more: elsewhereMoreLabel,
    elsewhere_none: elsewhereNoneLabel,
    elsewhere_failed: elsewhereFailedLabel,
    open_case: openCaseLabel,
    and_more: andMoreLabel,
    case_actions: caseActionsLabel,
    settings: settingsLabel,
    paused_now: pausedNowLabel,
    paused_cards: pausedCardsLabel,
    pause: pauseLabel,
    pause_what: pauseWhatLabel,
    pause_refund: pauseRefundLabel,
    pause_all: pauseAllLabel,
    pause_reason: pauseReasonLabel,
    pause_confirm: pauseConfirmLabel,
    pause_hint: pauseHintLabel,
    resume: resumeLabel,
    resume_confirm: resumeConfirmLabel,
    resume_what: resumeWhatLabel,
    signed_in: signedInLabel,
    role_none: roleNoneLabel,
    role_agent: roleAgentLabel,
    role_lead: roleLeadLabel,
    role_finance: roleFinanceLabel,
    role_admin: roleAdminLabel,
    draft: draftLabel,
    wrote_again: wroteAgainLabel,
    approved_by: approvedByLabel,
    up_to: upToLabel
};

/** The words for a name; `{x}` is filled from `values`. */
export function t(name, values = {}) {
    const text = WORDS[name];
    if (text === undefined) throw new Error(`no words for ${name}`);
    return text.replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));
}

/** Whether there are words of that name. */
export const has = (name) => Object.hasOwn(WORDS, name);

const ENGLISH_REMEMBERED = 2000;
const english = new Set();

/** Takes up which of the server's texts stand in English although the user reads another language. */
export function standsInEnglish(texts) {
    if (english.size > ENGLISH_REMEMBERED) english.clear();
    for (const text of texts) english.add(text);
}

/** The language of a text where it is not the user's: a screen reader then says it rightly. */
export const languageOf = (text) => (!lang.startsWith("en") && english.has(text) ? "en" : null);

const written = (options) => new Intl.DateTimeFormat(locale, { timeZone, ...options });

/** A moment as people say it: the time today, else the day and the time. */
export function when(moment) {
    const at = new Date(moment);
    if (!moment || Number.isNaN(at.getTime())) return "";
    const dated = written({ dateStyle: "short" });
    const today = dated.format(at) === dated.format(new Date());
    return written(today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** A day as people say it. */
export function day(moment) {
    const at = new Date(moment);
    return Number.isNaN(at.getTime()) ? String(moment ?? "") : written({ dateStyle: "medium" }).format(at);
}

/** Decimal places of an amount, from its own words: the vendor counts some currencies differently from the world. */
export function places(money) {
    const value = Number(money.words.replace(/[^\d.]/g, ""));
    return value > 0 ? Math.max(0, Math.round(Math.log10(money.minor / value))) : 2;
}

/** Minor units of what a person typed ("12", "12.5", "12,50"), or null when it is no amount of this currency. */
export function minor(typed, decimals) {
    const found = /^\s*(\d{1,12})(?:[.,](\d+))?\s*$/.exec(typed);
    if (!found || (found[2] ?? "").length > decimals) return null;
    return Number(found[1]) * 10 ** decimals + Number((found[2] ?? "").padEnd(decimals, "0") || 0);
}

/** "12.00": how the server reads an amount. */
export function plain(amount, decimals) {
    const digits = String(amount).padStart(decimals + 1, "0");
    return decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits;
}

/** An amount of this currency as the server would write it. */
export function inWords(money, amount) {
    const [whole, rest] = plain(amount, places(money)).split(".");
    return `${money.currency} ${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${rest ? `.${rest}` : ""}`;
}
