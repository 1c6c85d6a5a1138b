// What the component asks of Deskhand, by way of Apex. Who asks is for Apex to say, from the running user.

import approve from "@salesforce/apex/DeskhandPanel.approve";
import decline from "@salesforce/apex/DeskhandPanel.decline";
import giveBack from "@salesforce/apex/DeskhandPanel.giveBack";
import pause from "@salesforce/apex/DeskhandPanel.pause";
import resume from "@salesforce/apex/DeskhandPanel.resume";
import run from "@salesforce/apex/DeskhandPanel.run";
import state from "@salesforce/apex/DeskhandPanel.state";
import takeOver from "@salesforce/apex/DeskhandPanel.takeOver";
import undo from "@salesforce/apex/DeskhandPanel.undo";
import waiting from "@salesforce/apex/DeskhandPanel.waiting";

const PRESSES = { approve, decline, giveBack, pause, run, takeOver, undo };
const ON_THE_CASE = new Set(["approve", "decline", "giveBack", "run", "takeOver", "undo"]);

/**
 * Why something was not done. `kind`: unknown (the org), refused, stale, away, offline; partly: some of it was done.
 * `lost`: it may have arrived.
 */
export class No extends Error {
    constructor(kind, { detail = "", code = "", status = 0, state: stands = null, lost = false } = {}) {
        super(detail || kind);
        Object.assign(this, { kind, detail, code, status, state: stands, lost });
    }
}

/** One case at Deskhand. */
export class Desk {
    _caseId;
    _etag = null;

    constructor(caseId) {
        this._caseId = caseId;
    }

    /** The state of the case, or null when it is as it was. */
    async look() {
        const answer = await asked(state, { caseId: this._caseId, etag: this._etag });
        if (answer.status === 304) return null;
        const found = told(answer);
        if (!Array.isArray(found?.cards)) throw new No("away", { status: answer.status });
        this._etag = answer.etag ?? null;
        return found;
    }

    /** The next look reads everything anew. */
    lookAnew() {
        this._etag = null;
    }

    /** Lifts whatever the panel can pause, if it is what `digest` names. What else is paused stays so. */
    async resume({ digest }) {
        const still = told(await asked(resume, { digest }))?.still;
        if (still) throw new No("partly", { detail: still });
        return null;
    }

    /** What a press did: the state after it, or null where the answer holds none. */
    async press(act, said) {
        if (act === "resume") return this.resume(said);
        const answer = await asked(PRESSES[act], ON_THE_CASE.has(act) ? { caseId: this._caseId, ...said } : said);
        const found = told(answer);
        return Array.isArray(found?.cards) ? found : null;
    }

    async waiting() {
        return told(await asked(waiting, {}));
    }
}

async function asked(method, said) {
    let answer;
    try {
        answer = await method(said);
    } catch (error) {
        // Salesforce's own words, as for a user without the permission set.
        throw new No("offline", { detail: error?.body?.message ?? "", lost: true });
    }
    if (!answer) throw new No("away", { lost: true });
    if (answer.status === 304 || (answer.status >= 200 && answer.status < 300)) return answer;
    throw refusal(answer);
}

const KINDS = { 401: "unknown", 403: "refused", 409: "stale", 429: "away" };
const NOT_REACHED = "not-reached";

function refusal(answer) {
    const said = told(answer);
    const kind = KINDS[answer.status] ?? (answer.status >= 500 ? "away" : "refused");
    return new No(kind, {
        detail: typeof said?.detail === "string" ? said.detail : "",
        code: said?.name ?? "",
        status: answer.status,
        state: Array.isArray(said?.state?.cards) ? said.state : null,
        // A callout that ended without an answer of Deskhand's may have arrived all the same.
        lost: answer.status >= 500 && (!said?.name || said.name === NOT_REACHED)
    });
}

/** The JSON of an answer; null where there is none, as in a proxy's page. */
function told(answer) {
    try {
        return JSON.parse(answer.body);
    } catch (error) {
        if (error instanceof SyntaxError) return null;
        throw error;
    }
}
