import { createElement } from "lwc";
import DeskhandPanel from "c/deskhandPanel";
import { navigated } from "lightning/navigation";
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
import data from "./data/states.json";

const { caseId, states, waiting: elsewhere } = data;

jest.mock("@salesforce/apex/DeskhandPanel.approve", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/DeskhandPanel.decline", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/DeskhandPanel.giveBack", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/DeskhandPanel.pause", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/DeskhandPanel.resume", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/DeskhandPanel.run", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/DeskhandPanel.state", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/DeskhandPanel.takeOver", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/DeskhandPanel.undo", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("@salesforce/apex/DeskhandPanel.waiting", () => ({ default: jest.fn() }), { virtual: true });
jest.mock("lightning/navigation", () => {
    const Navigate = Symbol("Navigate");
    const went = jest.fn();
    const NavigationMixin = (Base) =>
        class extends Base {
            [Navigate](page) {
                went(page);
            }
        };
    return { NavigationMixin: Object.assign(NavigationMixin, { Navigate }), navigated: went };
});

const RIPE = 700;
const AXE_TAKES = 120_000;
const ok = (body, etag = null) => ({ status: 200, body: JSON.stringify(body), etag });
const no = (status, name, detail, more = {}) => ({
    status,
    body: JSON.stringify({ type: `/problems/${name}`, title: name, status, name, detail, ...more }),
    etag: null
});

/** All elements below, through every shadow root. */
function* below(root) {
    for (const one of root.children) {
        yield one;
        if (one.shadowRoot) yield* below(one.shadowRoot);
        yield* below(one);
    }
}

const settle = () => jest.advanceTimersByTimeAsync(0);
const all = (panel, selector) => [...below(panel.shadowRoot)].filter((one) => one.matches(selector));
const keyed = (panel, key) => all(panel, `[data-key="${key}"]`)[0];
const texts = (panel) =>
    [...below(panel.shadowRoot)]
        .flatMap((one) => [...one.childNodes])
        .filter((one) => one.nodeType === Node.TEXT_NODE)
        .map((one) => one.textContent.trim())
        .filter(Boolean)
        .join(" ");
const title = (panel) => keyed(panel, "head").textContent;
const notice = (panel) => keyed(panel, "notice").textContent;
const focused = () => {
    let found = document.activeElement;
    while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
    return found;
};

async function open(answer) {
    state.mockResolvedValue(answer);
    const panel = createElement("c-deskhand-panel", { is: DeskhandPanel });
    panel.recordId = caseId;
    document.body.appendChild(panel);
    await settle();
    return panel;
}

const shown = (name) => open(ok(states[name], `"${states[name].digest}"`));

async function press(panel, key) {
    keyed(panel, key).click();
    await settle();
}

async function type(panel, key, words) {
    const field = keyed(panel, key);
    field.value = words;
    field.dispatchEvent(new CustomEvent("input"));
    await settle();
}

/** A press is answered, and the looks after it find nothing newer. */
function answers(method, answer) {
    method.mockResolvedValue(answer);
    state.mockResolvedValue({ status: 304, body: "", etag: null });
}

/** The press that counts, once it has stood on screen for a while. */
async function sure(panel) {
    await jest.advanceTimersByTimeAsync(RIPE);
    keyed(panel, "sure").shadowRoot.querySelector("button").click();
    await settle();
}

beforeEach(() => {
    jest.useFakeTimers();
    jest.setSystemTime(new Date("2026-11-21T12:00:00Z"));
});

afterEach(() => {
    while (document.body.firstChild) document.body.removeChild(document.body.firstChild);
    jest.resetAllMocks();
    jest.useRealTimers();
});

describe("what it shows", () => {
    it.each(Object.keys(states))("%s: what it says, what waits and what was done", async (name) => {
        const told = states[name];
        const panel = await shown(name);
        const said = texts(panel);
        for (const text of [told.words, ...told.cards.map((one) => one.title), ...told.done.map((one) => one.title)])
            expect(said).toContain(text.slice(0, 200));
        expect(all(panel, "c-deskhand-card")).toHaveLength(told.cards.length);
    });

    it.each(["waiting_for_me", "done_with_undo", "paused_admin"])(
        "%s is accessible to everybody",
        async (name) => {
            const panel = await shown(name);
            jest.useRealTimers();
            await expect(panel).toBeAccessible();
        },
        AXE_TAKES
    );

    it.each([
        ["waiting_for_me", "Waiting for you"],
        ["waiting_watcher", "Waiting for a colleague"],
        ["waiting_less_only", "Waiting for finance"],
        ["waiting_for_the_customer", "Waiting for the customer"],
        ["working", "Working"],
        ["done_with_undo", "Done"],
        ["answered", "Answered"],
        ["handed_over", "With a person"],
        ["refused", "A person decides"],
        ["held", "Held: please look"],
        ["paused", "Paused"],
        ["taken_over", "A colleague has it"],
        ["shadow_nothing", "Only watching"]
    ])("%s is called: %s", async (name, words) => {
        expect(title(await shown(name))).toBe(words);
    });

    it("says of a card who asks, how sure that is, by which rule, at what risk and how it is undone", async () => {
        const panel = await shown("waiting_for_me");
        const [card] = states.waiting_for_me.cards;
        const said = texts(panel);
        for (const text of [card.whose, card.quote, card.evidence, card.risk, card.undo, card.on_no, card.on_timeout])
            expect(said).toContain(text);
        expect(said).toContain(card.rule[0]);
        expect(said).toContain(card.reply_preview);
        expect(said).toContain("Proven:");
        expect(said).toContain(card.why_proven);
    });

    it("offers nothing to press to who may only look, and says why", async () => {
        const panel = await shown("waiting_watcher");
        for (const key of ["approve", "decline", "lower"]) expect(keyed(panel, key)).toBeUndefined();
        expect(texts(panel)).toContain("Only an agent, a lead or finance can approve this.");
    });

    it("offers only less to who may not approve the whole", async () => {
        const panel = await shown("waiting_less_only");
        expect(keyed(panel, "approve")).toBeUndefined();
        expect(keyed(panel, "lower")).toBeDefined();
        expect(texts(panel)).toContain("You may approve up to USD 500.00.");
    });

    it("shows no switch to who is no admin", async () => {
        expect(all(await shown("waiting_for_me"), "c-deskhand-pause")).toHaveLength(0);
    });

    it("reads the case of the page it stands on, and that of the next page", async () => {
        const panel = await shown("working");
        expect(state).toHaveBeenLastCalledWith({ caseId, etag: null });
        panel.recordId = "500000000000009AAA";
        await settle();
        expect(state).toHaveBeenLastCalledWith({ caseId: "500000000000009AAA", etag: null });
    });

    it("says that it reads, and that it takes long", async () => {
        const panel = await open(new Promise(() => {}));
        expect(keyed(panel, "loading").textContent).toContain("Reading the case…");
        await jest.advanceTimersByTimeAsync(5_000);
        expect(keyed(panel, "loading").textContent).toContain("This takes longer than usual. Still trying…");
    });

    it("turns no text into markup", async () => {
        const hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>";
        const told = JSON.parse(JSON.stringify(states.waiting_for_me));
        told.words = hostile;
        Object.assign(told.cards[0], { title: hostile, quote: hostile, whose: hostile, rule: [hostile] });
        const panel = await open(ok(told));
        expect(texts(panel)).toContain(hostile);
        expect(all(panel, "img, script")).toHaveLength(0);
    });
});

describe("looking again", () => {
    it("asks with the ETag and keeps what it has when nothing changed", async () => {
        const panel = await shown("waiting_for_me");
        state.mockResolvedValue({ status: 304, body: "", etag: null });
        await jest.advanceTimersByTimeAsync(3_000);
        expect(state).toHaveBeenLastCalledWith({ caseId, etag: `"${states.waiting_for_me.digest}"` });
        expect(title(panel)).toBe("Waiting for you");
    });

    it("shows what changed, and says it to who listens", async () => {
        const panel = await shown("waiting_for_me");
        state.mockResolvedValue(ok(states.done_with_undo));
        await jest.advanceTimersByTimeAsync(3_000);
        expect(title(panel)).toBe("Done");
        expect(keyed(panel, "spoken").textContent).toBe("Done. Done, and the customer was told.");
    });

    it("puts away what was begun on a card that is another now, and says what changed", async () => {
        const panel = await shown("waiting_for_me");
        await press(panel, "approve");
        state.mockResolvedValue(ok(states.changed_since));
        await jest.advanceTimersByTimeAsync(3_000);
        expect(keyed(panel, "sure")).toBeUndefined();
        expect(notice(panel)).toBe(
            "This changed while you looked. Please read it again. Before: Refund USD 47.00. Now: Refund USD 40.00."
        );
    });

    it("keeps what is being typed while nothing changes", async () => {
        const panel = await shown("waiting_for_me");
        await press(panel, "decline");
        await type(panel, "reason", "Not our");
        state.mockResolvedValue(ok({ ...states.waiting_for_me, trail: [] }));
        await jest.advanceTimersByTimeAsync(3_000);
        expect(keyed(panel, "reason").value).toBe("Not our");
    });

    it.each([
        ["seldom once nobody presses", () => {}, 10_000],
        ["more seldom while the page is hidden", () => hide(), 60_000]
    ])("looks %s", async (_, first, every) => {
        await shown("waiting_for_me");
        await jest.advanceTimersByTimeAsync(70_000);
        first();
        await jest.advanceTimersByTimeAsync(every);
        state.mockClear();
        await jest.advanceTimersByTimeAsync(every * 3);
        expect(state).toHaveBeenCalledTimes(3);
        unhide();
    });

    it("stops when the page is left", async () => {
        const panel = await shown("waiting_for_me");
        panel.remove();
        state.mockClear();
        await jest.advanceTimersByTimeAsync(120_000);
        expect(state).not.toHaveBeenCalled();
    });
});

function hide() {
    Object.defineProperty(document, "hidden", { configurable: true, value: true });
    document.dispatchEvent(new CustomEvent("visibilitychange"));
}

function unhide() {
    delete document.hidden;
}

describe("what is pressed", () => {
    it("approves exactly the card, on a second press that names the amount and the customer", async () => {
        const panel = await shown("waiting_for_me");
        const [card] = states.waiting_for_me.cards;
        await press(panel, "approve");
        expect(focused().dataset.key).toBe("step");
        const button = keyed(panel, "sure").shadowRoot.querySelector("button");
        expect(button.textContent).toBe("Approve: Refund USD 47.00, for Ana López (a•••@customer.example)");
        button.click();
        expect(approve).not.toHaveBeenCalled();
        answers(approve, ok(states.working));
        await sure(panel);
        expect(approve).toHaveBeenCalledTimes(1);
        expect(approve).toHaveBeenCalledWith({ caseId, waitId: card.wait, digest: card.digest, amount: null });
        expect(title(panel)).toBe("Working");
        expect(notice(panel)).toBe("Approved. Deskhand checks everything once more, then goes on.");
        expect(focused().dataset.key).toBe("head");
    });

    it("does not count the second half of a double click", async () => {
        const panel = await shown("waiting_for_me");
        await press(panel, "approve");
        await jest.advanceTimersByTimeAsync(RIPE);
        const button = keyed(panel, "sure").shadowRoot.querySelector("button");
        button.dispatchEvent(new MouseEvent("click", { detail: 2 }));
        expect(approve).not.toHaveBeenCalled();
    });

    it("sends a press once, however often it is pressed", async () => {
        const panel = await shown("waiting_for_me");
        await press(panel, "approve");
        approve.mockReturnValue(new Promise(() => {}));
        await sure(panel);
        await sure(panel);
        expect(approve).toHaveBeenCalledTimes(1);
        expect(keyed(panel, "sure").shadowRoot.querySelector("button").textContent).toBe("Sending…");
        expect(keyed(panel, "takeOver").getAttribute("aria-disabled")).toBe("true");
    });

    it("approves less: checked here, decided there", async () => {
        const panel = await shown("waiting_for_me");
        const [card] = states.waiting_for_me.cards;
        await press(panel, "lower");
        expect(focused().dataset.key).toBe("amount");
        for (const [typed, words] of [
            ["a lot", "Write an amount such as 47.00."],
            ["47.01", "This must be from USD 0.01 to USD 47.00."],
            ["0", "This must be from USD 0.01 to USD 47.00."]
        ]) {
            // eslint-disable-next-line no-await-in-loop -- one after the other, in one form
            await type(panel, "amount", typed);
            all(panel, "form")[0].dispatchEvent(new CustomEvent("submit", { cancelable: true }));
            // eslint-disable-next-line no-await-in-loop -- as above
            await settle();
            expect(all(panel, '[role="alert"]')[0].textContent).toBe(words);
        }
        await type(panel, "amount", "12,5");
        all(panel, "form")[0].dispatchEvent(new CustomEvent("submit", { cancelable: true }));
        await settle();
        expect(texts(panel)).toContain("Refund USD 12.50");
        answers(approve, ok(states.working));
        await sure(panel);
        expect(approve).toHaveBeenCalledWith({ caseId, waitId: card.wait, digest: card.digest, amount: "12.50" });
    });

    it("declines with a reason, and never without", async () => {
        const panel = await shown("waiting_for_me");
        const [card] = states.waiting_for_me.cards;
        await press(panel, "decline");
        expect(focused().dataset.key).toBe("reason");
        await sure(panel);
        expect(decline).not.toHaveBeenCalled();
        expect(all(panel, '[role="alert"]')[0].textContent).toBe("Please say why in a few words.");
        await type(panel, "reason", "  They were told no by phone. ");
        answers(decline, ok(states.handed_over));
        await sure(panel);
        expect(decline).toHaveBeenCalledWith({
            caseId,
            waitId: card.wait,
            digest: card.digest,
            reason: "They were told no by phone."
        });
        expect(title(panel)).toBe("With a person");
    });

    it("goes back to the card without a press", async () => {
        const panel = await shown("waiting_for_me");
        await press(panel, "approve");
        await press(panel, "back");
        expect(keyed(panel, "approve")).toBeDefined();
        expect(focused().dataset.key).toBe("title");
        expect(approve).not.toHaveBeenCalled();
    });

    it("takes back what was done, after it was asked", async () => {
        const panel = await shown("done_with_undo");
        const [done] = states.done_with_undo.done;
        await press(panel, `undo-${done.operation}`);
        expect(focused().dataset.key).toBe("step");
        answers(undo, ok(states.working));
        await sure(panel);
        expect(undo).toHaveBeenCalledWith({ caseId, operation: done.operation, digest: done.undo.digest });
    });

    it("offers no undo where there is none, and says why", async () => {
        const panel = await shown("done_without_undo");
        expect(texts(panel)).toContain("A card refund cannot be undone.");
        expect(keyed(panel, "undo-op_refund_1")).toBeUndefined();
    });

    it.each([
        ["run", run, "done_with_undo", "Deskhand reads the case again."],
        ["takeOver", takeOver, "waiting_for_me", "It is yours. Deskhand steps back."],
        ["giveBack", giveBack, "taken_over", "Deskhand goes on."]
    ])("%s names what was seen", async (key, method, name, words) => {
        const panel = await shown(name);
        answers(method, ok(states.working));
        await press(panel, key);
        expect(method).toHaveBeenCalledWith({ caseId, digest: states[name].digest });
        expect(notice(panel)).toBe(words);
    });

    it("presses once more when only the trail has grown", async () => {
        const panel = await shown("waiting_for_me");
        const grown = { ...states.waiting_for_me, digest: "g".repeat(64) };
        takeOver.mockResolvedValueOnce(no(409, "changed", "Something has changed.", { state: grown }));
        answers(takeOver, ok(states.taken_over));
        await press(panel, "takeOver");
        expect(takeOver).toHaveBeenLastCalledWith({ caseId, digest: grown.digest });
        expect(title(panel)).toBe("A colleague has it");
    });

    it("gives back nothing that another colleague may have by now", async () => {
        const panel = await shown("taken_over");
        const another = { ...states.taken_over, taken: "2026-11-20T09:05:00Z", digest: "g".repeat(64) };
        giveBack.mockResolvedValueOnce(no(409, "changed", "Something has changed.", { state: another }));
        await press(panel, "giveBack");
        expect(giveBack).toHaveBeenCalledTimes(1);
        expect(notice(panel)).toContain("Something has changed.");
    });

    it("pauses with a reason, everything or refunds only", async () => {
        const panel = await shown("admin");
        await press(panel, "pause");
        expect(focused().dataset.key).toBe("reason");
        await sure(panel);
        expect(pause).not.toHaveBeenCalled();
        await type(panel, "reason", "month's end");
        const [, refund] = all(panel, 'input[type="radio"]');
        refund.checked = true;
        refund.dispatchEvent(new CustomEvent("change"));
        answers(pause, ok({ paused: ["Refunds are paused."] }));
        await sure(panel);
        expect(pause).toHaveBeenCalledWith({ action: "refund", reason: "month's end" });
        expect(notice(panel)).toBe("Paused.");
    });

    it("resumes all that can be paused here, after it was asked", async () => {
        const panel = await shown("paused_admin");
        await press(panel, "resume");
        answers(resume, ok({ paused: [] }));
        await sure(panel);
        expect(resume.mock.calls).toEqual([[{ digest: "p".repeat(64) }]]);
        expect(notice(panel)).toBe("Resumed.");
    });

    it("lifts no pause that was not seen", async () => {
        const panel = await shown("paused_admin");
        await press(panel, "resume");
        answers(resume, no(409, "changed", "What is paused has changed. Read it again before you resume."));
        await sure(panel);
        expect(notice(panel)).toBe("What is paused has changed. Read it again before you resume.");
        expect(all(panel, "[data-key=step]")).toHaveLength(0);
    });

    it("says what stays paused and how that is lifted, and not that all was resumed", async () => {
        const panel = await shown("paused_admin");
        await press(panel, "resume");
        const still = "Not everything goes on. On the server “deskhand resume --by NAME” lifts it.";
        answers(resume, ok({ paused: ["Everything is paused."], still }));
        await sure(panel);
        expect(notice(panel)).toBe(still);
        expect(all(panel, "[data-key=step]")).toHaveLength(0);
    });

    it("says that there is more where none of the oldest is theirs", async () => {
        const panel = await shown("waiting_for_me");
        waiting.mockResolvedValue(ok({ items: [], more: true }));
        const [details] = all(panel, "c-deskhand-waiting")[0].shadowRoot.querySelectorAll("details");
        details.open = true;
        details.dispatchEvent(new CustomEvent("toggle"));
        await settle();
        const said = all(panel, "c-deskhand-waiting")[0].shadowRoot.textContent;
        expect(said).toContain("there is more");
        expect(said).not.toContain("Nothing waits");
    });

    it("lists what waits on other cases, and opens one", async () => {
        const panel = await shown("waiting_for_me");
        waiting.mockResolvedValue(ok(elsewhere));
        const [details] = all(panel, "c-deskhand-waiting")[0].shadowRoot.querySelectorAll("details");
        details.open = true;
        details.dispatchEvent(new CustomEvent("toggle"));
        await settle();
        const links = all(panel, "button.linklike");
        expect(links.map((one) => one.textContent)).toEqual(["Open the case: Refund USD 12.00"]);
        expect(texts(panel)).toContain("There are more.");
        links[0].click();
        expect(navigated).toHaveBeenCalledWith({
            type: "standard__recordPage",
            attributes: { recordId: "500000000000002AAA", objectApiName: "Case", actionName: "view" }
        });
    });
});

describe("what goes wrong", () => {
    it("409: shows how it stands now and says what changed", async () => {
        const panel = await shown("waiting_for_me");
        await press(panel, "approve");
        approve.mockResolvedValue(
            no(409, "changed", "This is no longer what you saw.", { state: states.changed_since })
        );
        await sure(panel);
        expect(notice(panel)).toBe("This is no longer what you saw. Before: Refund USD 47.00. Now: Refund USD 40.00.");
        expect(keyed(panel, "sure")).toBeUndefined();
        expect(texts(panel)).toContain("Refund USD 40.00");
        expect(focused().dataset.key).toBe("head");
    });

    it("409: keeps a typed reason where the case is only worked on", async () => {
        const panel = await shown("waiting_for_me");
        await press(panel, "decline");
        await type(panel, "reason", "The parcel arrived.");
        const busy = "The case is being worked on just now.";
        decline.mockResolvedValue(no(409, "busy", busy, { state: states.waiting_for_me }));
        await sure(panel);
        expect(notice(panel)).toBe(busy);
        expect(keyed(panel, "reason").value).toBe("The parcel arrived.");
        answers(decline, ok(states.done_with_undo));
        await sure(panel);
        expect(decline.mock.calls.map(([said]) => said.reason)).toEqual(["The parcel arrived.", "The parcel arrived."]);
    });

    it("409: somebody else was first", async () => {
        const panel = await shown("waiting_for_me");
        await press(panel, "approve");
        approve.mockResolvedValue(
            no(409, "decided", "Lou has decided this already.", { state: states.done_without_undo })
        );
        await sure(panel);
        expect(notice(panel)).toBe("Lou has decided this already. Before: Waiting for you. Now: Done.");
    });

    it("403 on a press: says why and keeps the case", async () => {
        const panel = await shown("waiting_for_me");
        await press(panel, "approve");
        approve.mockResolvedValue(no(403, "role", "Only finance can approve this.", { state: states.waiting_watcher }));
        await sure(panel);
        expect(notice(panel)).toBe(
            "Only finance can approve this. Before: Waiting for you. Now: Waiting for a colleague."
        );
        expect(keyed(panel, "sure")).toBeUndefined();
    });

    it("400: says what was wrong, and what was begun stays", async () => {
        const panel = await shown("waiting_for_me");
        await press(panel, "decline");
        await type(panel, "reason", "x");
        decline.mockResolvedValue(no(400, "reason", "Say a little more.", { state: states.waiting_for_me }));
        await sure(panel);
        expect(notice(panel)).toBe("Say a little more.");
        expect(keyed(panel, "reason").value).toBe("x");
    });

    it("says in Salesforce's words why Apex was not run", async () => {
        const words = "You do not have access to the Apex class named 'DeskhandPanel'.";
        state.mockRejectedValue({ status: 500, body: { message: words } });
        const panel = createElement("c-deskhand-panel", { is: DeskhandPanel });
        panel.recordId = caseId;
        document.body.appendChild(panel);
        await settle();
        expect(texts(panel)).toContain(words);
    });

    it("an answer that is no state is no usable answer", async () => {
        expect(title(await open(ok({})))).toBe("This did not load");
    });

    it.each([
        ["403: not for this user", no(403, "case", "You cannot see this case."), "You cannot see this here"],
        ["401: not for this org", no(401, "signature", "no"), "Deskhand does not know this org"],
        ["500: no usable answer", no(500, "broken", ""), "This did not load"],
        ["a proxy's page", { status: 502, body: "<html>Bad gateway</html>", etag: null }, "This did not load"]
    ])("%s, at the first look", async (_, answer, words) => {
        expect(title(await open(answer))).toBe(words);
    });

    it("stops looking once it is told that this is not for this user", async () => {
        await open(no(403, "case", "You cannot see this case."));
        state.mockClear();
        await jest.advanceTimersByTimeAsync(300_000);
        expect(state).not.toHaveBeenCalled();
    });

    it("tries again by itself, ever more slowly, until Deskhand answers", async () => {
        const panel = await open(no(503, "not-reached", "Deskhand does not answer."));
        expect(title(panel)).toBe("This did not load");
        await jest.advanceTimersByTimeAsync(3_000);
        expect(state).toHaveBeenCalledTimes(2);
        await jest.advanceTimersByTimeAsync(5_000);
        expect(state).toHaveBeenCalledTimes(2);
        state.mockResolvedValue(ok(states.waiting_for_me));
        await jest.advanceTimersByTimeAsync(1_000);
        expect(title(panel)).toBe("Waiting for you");
    });

    it("503 later: keeps what it shows, says of when it is, and that it is back", async () => {
        const panel = await shown("waiting_for_me");
        state.mockResolvedValue(no(503, "not-reached", "Deskhand does not answer."));
        await jest.advanceTimersByTimeAsync(3_000);
        expect(title(panel)).toBe("Waiting for you");
        expect(notice(panel)).toMatch(
            /^Deskhand does not answer. What you see is from .+; it is tried again by itself.$/
        );
        state.mockResolvedValue({ status: 304, body: "", etag: null });
        await jest.advanceTimersByTimeAsync(3_000);
        expect(notice(panel)).toBe("Connected again.");
    });

    it.each([
        ["the network breaks", () => Promise.reject(new Error("offline"))],
        ["Deskhand does not answer in time", () => Promise.resolve(no(503, "not-reached", "…"))],
        ["something between answers", () => Promise.resolve({ status: 504, body: "<html>", etag: null })]
    ])("%s on a press: it may have arrived, so nothing can be pressed before the next look", async (_, answer) => {
        const panel = await shown("waiting_for_me");
        await press(panel, "approve");
        approve.mockImplementation(answer);
        state.mockReturnValue(new Promise(() => {}));
        await sure(panel);
        const unsure =
            "The connection broke: we do not know whether this arrived. Wait for the next look before you press again.";
        expect(notice(panel)).toBe(unsure);
        await press(panel, "approve");
        expect(keyed(panel, "sure")).toBeUndefined();
        expect(approve).toHaveBeenCalledTimes(1);
    });

    it("after a lost press the case is read again before the next", async () => {
        const panel = await shown("waiting_for_me");
        await press(panel, "approve");
        approve.mockRejectedValue(new Error("offline"));
        state.mockResolvedValue(ok(states.working));
        await sure(panel);
        await settle();
        expect(title(panel)).toBe("Working");
        expect(notice(panel)).toContain("The connection broke while you pressed. The case was read again");
    });

    it("503 of Deskhand's own says that nothing was done", async () => {
        const panel = await shown("waiting_for_me");
        await press(panel, "takeOver");
        takeOver.mockResolvedValue(no(503, "vendor-away", "The helpdesk does not answer. Try again in a moment."));
        await press(panel, "takeOver");
        expect(notice(panel)).toBe("The helpdesk does not answer. Try again in a moment.");
    });

    it("says when the list of other cases cannot be read", async () => {
        const panel = await shown("waiting_for_me");
        waiting.mockRejectedValue(new Error("offline"));
        const [details] = all(panel, "c-deskhand-waiting")[0].shadowRoot.querySelectorAll("details");
        details.open = true;
        details.dispatchEvent(new CustomEvent("toggle"));
        await settle();
        expect(texts(panel)).toContain("The list could not be read.");
    });

    it("what was read before a press is not shown after it", async () => {
        const panel = await shown("waiting_for_me");
        let answer;
        state.mockReturnValueOnce(
            new Promise((resolve) => {
                answer = resolve;
            })
        );
        await jest.advanceTimersByTimeAsync(3_000);
        takeOver.mockResolvedValue(ok(states.taken_over));
        await press(panel, "takeOver");
        state.mockResolvedValue(ok(states.taken_over));
        answer(ok(states.waiting_for_me));
        await settle();
        expect(title(panel)).toBe("A colleague has it");
    });
});
