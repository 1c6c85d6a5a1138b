"""Deciding takes two presses on text that says the amount and the customer; what went wrong is said calmly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.browser.conftest import Opened
from tests.browser.served import BEARER, Scripted
from tests.browser.states import ADMIN, STATES, WAITS, card, money, state

Sidebar = Callable[..., Opened]
playwright = pytest.importorskip("playwright.sync_api", reason="Playwright, and so Chromium, is absent: uv sync")
expect = playwright.expect
MINE = STATES["waiting_for_me"]
DONE = STATES["done_without_undo"]
SURE = "Approve: Refund USD 47.00, for Ana López (a•••@customer.example)"


def refusal(status: int, name: str, detail: str, **more: Any) -> tuple[int, dict[str, Any]]:
    return status, {
        "type": f"/problems/{name}",
        "title": "No",
        "status": status,
        "detail": detail,
        "name": name,
        **more,
    }


def test_approving_takes_a_second_press_that_names_amount_and_customer(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    desk.after = lambda _: DONE
    opened.press("Approve…")
    assert desk.presses() == []
    opened.sees("You approve:")
    opened.fits()
    opened.picture("step-approve-320-light")
    opened.press(SURE)
    opened.sees("Done, and the customer was told.")
    assert desk.presses() == [("/api/approvals/7", {"digest": "d" * 64, "amount": None})]
    assert opened.wrong == []


def test_nothing_is_approved_within_600_ms_of_showing_it(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE, clock=True)
    opened.sees("Waiting for you")
    opened.page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    opened.app.get_by_role("button", name="Approve…").click()
    sure = opened.app.get_by_role("button", name=SURE)
    opened.page.clock.run_for(100)
    sure.click(force=True)
    opened.page.clock.run_for(450)
    sure.click(force=True)
    assert desk.presses() == []
    opened.page.clock.run_for(400)
    sure.click(force=True)
    opened.sees("Approved.")
    assert len(desk.presses()) == 1


def test_a_double_click_approves_nothing(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    opened.app.get_by_role("button", name="Approve…").click()
    sure = opened.app.get_by_role("button", name=SURE)
    expect(sure).not_to_have_attribute("aria-disabled", "true")
    sure.dispatch_event("click", {"detail": 2})
    opened.press("Back")
    expect(sure).to_have_count(0)
    assert desk.presses() == []


def test_going_back_puts_the_approval_away(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    opened.press("Approve…")
    opened.press("Back")
    expect(opened.app.get_by_role("button", name="Approve…")).to_be_visible()
    assert desk.presses() == []


def test_a_lower_amount_is_checked_and_then_approved_by_name(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    opened.press("Approve less…")
    amount = opened.app.get_by_label("Amount in USD")
    for wrong, said in (
        ("12.345", "Write an amount such as 47.00."),
        ("abc", "Write an amount such as 47.00."),
        ("47.01", "This must be from USD 0.01 to USD 47.00."),
        ("0", "This must be from USD 0.01"),
    ):
        amount.fill(wrong)
        opened.press("Check amount")
        opened.sees(said)
    opened.picture("step-lower-mistake-320-light")
    amount.fill("12,5")
    amount.press("Enter")
    opened.sees("Refund USD 12.50 instead of USD 47.00")
    opened.picture("step-lower-320-light")
    assert desk.presses() == []
    opened.press("Approve: Refund USD 12.50, for Ana López (a•••@customer.example)")
    opened.sees("Approved.")
    assert desk.presses() == [("/api/approvals/7", {"digest": "d" * 64, "amount": "12.50"})]


def test_an_amount_without_decimals_is_sent_without_them(sidebar: Sidebar, desk: Scripted) -> None:
    yen = {"minor": 4700, "currency": "JPY", "words": "JPY 4,700"}
    opened = sidebar(
        state(
            "waiting",
            WAITS,
            cards=[
                card(
                    title="Refund JPY 4,700",
                    amount=yen,
                    highest=yen,
                    lowest={"minor": 1, "currency": "JPY", "words": "JPY 1"},
                )
            ],
        )
    )
    opened.press("Approve less…")
    opened.app.get_by_label("Amount in JPY").fill("1200")
    opened.press("Check amount")
    opened.press("Approve: Refund JPY 1,200, for Ana López (a•••@customer.example)")
    opened.sees("Approved.")
    assert desk.presses() == [("/api/approvals/7", {"digest": "d" * 64, "amount": "1200"})]


def test_who_may_approve_less_only_is_offered_less_only(sidebar: Sidebar) -> None:
    opened = sidebar(STATES["waiting_less_only"])
    opened.sees("You may approve up to USD 500.00.")
    expect(opened.app.get_by_role("button", name="Approve…", exact=True)).to_have_count(0)
    expect(opened.app.get_by_role("button", name="Approve less…")).to_be_visible()


def test_who_may_only_look_is_offered_nothing_to_decide(sidebar: Sidebar) -> None:
    opened = sidebar(STATES["waiting_watcher"])
    opened.sees("Only an agent, a lead or finance can approve this.")
    for name in ("Approve…", "Approve less…", "Decline…"):
        expect(opened.app.get_by_role("button", name=name, exact=True)).to_have_count(0)


def test_declining_asks_for_a_reason(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    opened.press("Decline…")
    opened.press("Decline")
    opened.sees("Please say why in a few words.")
    opened.picture("step-decline-320-light")
    opened.app.get_by_label("Why not?").fill("  The parcel arrived.  ")
    opened.press("Decline")
    opened.sees("Declined.")
    assert desk.presses() == [("/api/approvals/7/decline", {"digest": "d" * 64, "reason": "The parcel arrived."})]


def test_undo_says_what_is_put_back_before_it_is_pressed(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(STATES["done_with_undo"])
    opened.press("Undo…")
    opened.sees("You take back:")
    opened.picture("step-undo-320-light")
    opened.press("Take back: Change the contact’s phone")
    opened.sees("Deskhand takes it back if it still can.")
    assert desk.presses() == [("/api/operations/op_contact_1/undo", {"digest": "u" * 64})]


def test_what_cannot_be_undone_has_no_button_but_says_so(sidebar: Sidebar) -> None:
    opened = sidebar(DONE)
    opened.sees("A card refund cannot be undone.")
    expect(opened.app.get_by_role("button", name="Undo…")).to_have_count(0)


def test_taking_over_giving_back_and_running_again_name_the_state_they_were_pressed_on(
    sidebar: Sidebar, desk: Scripted
) -> None:
    opened = sidebar(MINE)
    desk.after = lambda path: STATES["taken_over"] if "take-over" in path else MINE
    opened.press("Run again")
    opened.sees("Deskhand reads the ticket again.")
    opened.press("Take over")
    opened.sees("A colleague has it")
    opened.press("Give back")
    opened.sees("Waiting for you")
    seen = {"digest": "s" * 64}
    assert desk.presses() == [
        ("/api/ticket/run", seen),
        ("/api/ticket/take-over", seen),
        ("/api/ticket/give-back", seen),
    ]


def test_nothing_is_given_back_that_another_colleague_may_have_by_now(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(STATES["taken_over"])
    why = "Something has changed on this ticket. Look at it again."
    desk.answers["/api/ticket/give-back"] = refusal(409, "changed", why, state={
        **STATES["taken_over"], "taken": "2026-11-20T09:05:00Z", "digest": "g" * 64})
    opened.press("Give back")
    opened.sees(why)
    assert desk.presses() == [("/api/ticket/give-back", {"digest": "s" * 64})]


def test_an_admin_pauses_with_a_reason_and_resumes(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(STATES["admin"])
    opened.app.get_by_text("Pause Deskhand").click()
    opened.press("Pause…")
    opened.app.get_by_label("Refunds only").check()
    opened.app.get_by_label("Reason").fill("checking a wrong refund")
    opened.picture("step-pause-320-light")
    desk.answers["/api/pause"] = 200, {"paused": ["refund"]}
    desk.state = {**STATES["admin"], "paused": "refunds: checking a wrong refund (Ana Admin)",
                  "paused_digest": "p" * 64}
    opened.press("Pause now")
    opened.sees("Paused: refunds: checking a wrong refund (Ana Admin)")
    opened.press("Resume…")
    desk.answers["/api/resume"] = 200, {"paused": [], "still": ""}
    opened.press("Resume now")
    opened.sees("Resumed.")
    assert desk.presses() == [
        ("/api/pause", {"action": "refund", "reason": "checking a wrong refund"}),
        ("/api/resume", {"digest": "p" * 64}),
    ]


def test_a_pause_that_comes_while_an_admin_is_about_to_resume_puts_the_step_away(
    sidebar: Sidebar, desk: Scripted
) -> None:
    opened = sidebar(STATES["paused_admin"])
    opened.app.get_by_text("Pause Deskhand").click()
    opened.press("Resume…")
    opened.sees("Resume now")
    desk.state = {**STATES["paused_admin"], "paused": "fraud is running (Bob)", "paused_digest": "q" * 64}
    opened.sees("This changed while you looked.")
    opened.sees("Paused: fraud is running (Bob)")
    opened.misses("Resume now")
    assert desk.presses() == []


def test_a_pause_that_was_not_seen_is_shown_instead_of_lifted(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(STATES["paused_admin"])
    opened.app.get_by_text("Pause Deskhand").click()
    opened.press("Resume…")
    stands = {**STATES["paused_admin"], "paused": "fraud is running (Bob)", "paused_digest": "q" * 64}
    why = "What is paused has changed. Read it again before you resume."
    desk.answers["/api/resume"] = refusal(409, "changed", why, state=stands)
    opened.page.route("**/api/ticket", lambda route: None)  # no further look comes between
    opened.press("Resume now")
    opened.sees(why)
    opened.sees("Paused: fraud is running (Bob)")
    opened.misses("Resume now")


def test_who_resumes_reads_what_stays_paused_and_how_that_is_lifted(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(STATES["paused_admin"])
    opened.app.get_by_text("Pause Deskhand").click()
    opened.press("Resume…")
    still = "Not everything goes on. On the server “deskhand resume --by NAME” lifts it."
    desk.answers["/api/resume"] = 200, {"paused": ["Everything is paused."], "still": still}
    opened.press("Resume now")
    opened.sees(still)
    opened.misses("Resumed.")


def test_who_is_no_admin_is_not_offered_the_pause(sidebar: Sidebar) -> None:
    opened = sidebar(DONE)
    opened.sees("Lea Lead")
    opened.misses("Pause Deskhand")


def test_already_done_by_somebody_else_is_said_and_shown(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    desk.answers["/api/approvals/7"] = refusal(409, "answered", "Already approved by Fin Ance.", state=DONE)
    opened.sees("Approve…")
    opened.page.route("**/api/ticket", lambda route: None)  # no further look comes between
    opened.press("Approve…")
    opened.press(SURE)
    opened.sees("Already approved by Fin Ance.")
    opened.sees("Done, and the customer was told.")
    opened.picture("already-done-320-light")


def test_a_reason_typed_while_the_ticket_is_worked_on_is_kept(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    opened.press("Decline…")
    opened.app.get_by_label("Why not?").fill("The parcel arrived.")
    why = "The ticket is being worked on just now. Try again in a moment."
    desk.answers["/api/approvals/7/decline"] = refusal(409, "busy", why, state=MINE)
    opened.press("Decline")
    opened.sees(why)
    expect(opened.app.get_by_label("Why not?")).to_have_value("The parcel arrived.")
    del desk.answers["/api/approvals/7/decline"]
    opened.press("Decline")
    opened.sees("Declined.")
    assert [said["reason"] for _, said in desk.presses()] == ["The parcel arrived."] * 2


def test_a_reason_for_what_changed_meanwhile_is_put_away_with_it(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    opened.press("Decline…")
    opened.app.get_by_label("Why not?").fill("The parcel arrived.")
    desk.answers["/api/approvals/7/decline"] = refusal(409, "busy", "Try again in a moment.", state=DONE)
    opened.page.route("**/api/ticket", lambda route: None)  # no further look comes between
    opened.press("Decline")
    opened.sees("Done, and the customer was told.")
    opened.misses("Why not?")


def test_a_role_too_low_is_refused_with_who_can(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    desk.answers["/api/approvals/7"] = refusal(403, "role", "Only a lead or finance can approve this.", state=MINE)
    opened.press("Approve…")
    opened.press(SURE)
    opened.sees("Only a lead or finance can approve this.")
    opened.sees("Waiting for you")


def test_a_press_without_an_answer_is_neither_done_nor_not_done(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    opened.press("Approve…")
    opened.page.route("**/api/**", lambda route: route.abort())
    opened.press(SURE)
    opened.sees("we do not know whether this arrived")
    expect(opened.app.get_by_role("button", name=SURE)).to_have_count(0)
    opened.picture("unsure-320-light")


def test_after_a_lost_press_nothing_is_begun_before_the_ticket_was_read_again(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    opened.press("Approve…")
    opened.page.route("**/api/**", lambda route: route.abort())
    opened.press(SURE)
    opened.sees("we do not know whether this arrived")
    opened.press("Approve…")
    expect(opened.app.get_by_role("button", name=SURE)).to_have_count(0)
    opened.page.unroute("**/api/**")
    opened.sees("this is how it stands now")
    opened.press("Approve…")
    opened.press(SURE)
    opened.sees("Approved.")
    assert len(desk.presses()) == 1


def test_what_changes_while_it_is_being_approved_must_be_read_again(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE, clock=True)
    opened.app.get_by_role("button", name="Approve…").click()
    desk.state = state(
        "waiting",
        WAITS,
        cards=[card(title="Refund USD 40.00", digest="f" * 64, amount=money(4000), highest=money(4000))],
    )
    opened.page.clock.run_for(4_100)
    opened.sees("This changed while you looked. Please read it again.")
    opened.sees("Refund USD 40.00")
    expect(opened.app.get_by_role("button", name="Approve: ")).to_have_count(0)
    assert desk.presses() == []


def test_what_one_may_no_longer_approve_is_put_away(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE, clock=True)
    opened.app.get_by_role("button", name="Approve…").click()
    opened.sees("You approve:")
    desk.state = state("waiting", WAITS, cards=[
        card(may_i=False, may_decline=False, highest=None, lowest=None, why_not="Already approved by Leo.")
    ])
    opened.page.clock.run_for(4_100)
    opened.sees("Already approved by Leo.")
    opened.misses("You approve:")


def test_what_was_typed_when_a_session_ends_can_still_be_copied(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE, clock=True)
    opened.app.get_by_role("button", name="Decline…").click()
    opened.app.get_by_label("Why not?").fill("The parcel arrived on Monday.")
    desk.answers["/api/ticket"] = refusal(401, "session-ended", "This session has ended.")
    opened.page.clock.run_for(4_100)
    opened.sees("You were signed out")
    opened.sees("The parcel arrived on Monday.")
    opened.misses("Nothing is lost")
    opened.misses("Ana López")
    opened.fits()
    opened.picture("ended-while-typing-320-light")


def test_a_session_that_ends_asks_to_reload_and_shows_nothing_more(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE, clock=True)
    opened.sees("Waiting for you")
    desk.answers["/api/ticket"] = refusal(401, "session-ended", "This session has ended.")
    opened.page.clock.run_for(4_100)
    opened.sees("You were signed out")
    opened.misses("Ana López")
    asked = desk.asked
    opened.page.clock.run_for(60_000)
    assert desk.asked == asked
    opened.picture("ended-320-light")


def test_a_ticket_one_may_not_see_is_not_shown(sidebar: Sidebar, desk: Scripted) -> None:
    desk.answers["/api/sessions/bind"] = refusal(
        403, "not-your-ticket", "The helpdesk does not let you see this ticket."
    )
    opened = sidebar(MINE)
    opened.sees("You cannot see this here")
    opened.sees("The helpdesk does not let you see this ticket.")
    opened.misses("Refund")
    opened.picture("not-yours-320-light")


def test_offline_says_from_when_it_is_and_recovers_by_itself(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE, clock=True)
    opened.sees("Waiting for you")
    opened.page.route("**/api/ticket", lambda route: route.abort())
    opened.page.clock.run_for(4_100)
    opened.page.clock.run_for(4_100)
    opened.sees("No connection. What you see is from")
    opened.sees("Refund USD 47.00")
    opened.picture("offline-320-light")
    opened.page.unroute("**/api/ticket")
    opened.page.clock.run_for(8_100)
    opened.sees("Connected again.")


def test_a_server_in_trouble_is_waited_for(sidebar: Sidebar, desk: Scripted) -> None:
    desk.answers["/api/ticket"] = 500, {}
    opened = sidebar(MINE, clock=True)
    opened.sees("This did not load")
    opened.picture("failed-320-light")
    desk.answers.clear()
    opened.page.clock.run_for(10_000)
    opened.sees("Waiting for you")


def test_loading_is_shown_until_the_first_answer(sidebar: Sidebar, desk: Scripted) -> None:
    desk.answering.clear()
    opened = sidebar(MINE, clock=True)
    opened.sees("Reading the ticket…")
    opened.picture("loading-320-light")
    opened.page.clock.run_for(5_100)
    opened.sees("This takes longer than usual.")
    desk.answering.set()
    opened.sees("Waiting for you")


def test_without_the_helpdesks_script_it_says_what_to_do(sidebar: Sidebar, desk: Scripted) -> None:
    desk.sdk = False
    sidebar(MINE).sees("Zendesk's app script did not load.")


def test_an_unchanged_ticket_is_not_sent_again(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE, clock=True)
    opened.sees("Waiting for you")
    for _ in range(2):
        with opened.page.expect_response("**/api/ticket"):
            opened.page.clock.run_for(4_100)
    assert desk.asked >= 2
    assert desk.unchanged >= 1


def test_what_is_typed_and_opened_stays_while_the_ticket_goes_on(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE, clock=True)
    opened.app.get_by_text("What happened").click()
    opened.app.get_by_role("button", name="Decline…").click()
    opened.app.get_by_label("Why not?").fill("The parcel")
    desk.state = {
        **MINE,
        "words": "The customer wrote again.",
        "trail": [*MINE["trail"], {"at": "2026-11-21T09:00:00Z", "words": "A newer line.", "facts": None, "step": False,
                                     "times": 1}],
    }
    opened.page.clock.run_for(4_100)
    opened.sees("The customer wrote again.")
    expect(opened.app.get_by_text("A newer line.").first).to_be_visible()
    expect(opened.app.get_by_label("Why not?")).to_have_value("The parcel")
    expect(opened.app.get_by_label("Why not?")).to_be_focused()


def test_german_agents_read_german(sidebar: Sidebar) -> None:
    opened = sidebar(MINE, locale="de-CH")
    opened.sees("Wartet auf Sie")
    opened.press("Zustimmen…")
    opened.sees("Sie stimmen zu:")
    assert opened.frame.evaluate("document.documentElement.lang") == "de"
    opened.fits()
    opened.picture("german-320-light")


def test_other_tickets_that_wait_are_listed_and_opened_in_the_helpdesk(sidebar: Sidebar, desk: Scripted) -> None:
    desk.waiting = {
        "more": False,
        "items": [
            {
                "what": "approval",
                "ticket": "zendesk:acme:456",
                "link": "https://acme.zendesk.com/agent/tickets/456",
                "title": "Refund USD 12.00",
                "for_whom_words": "A colleague must approve it",
                "may_i": True,
                "since": "2026-11-20T08:00:00Z",
                "expires_at": None,
            },
            {
                "what": "held",
                "ticket": "zendesk:acme:457",
                "link": "https://acme.zendesk.com/agent/tickets/457",
                "title": "Refund",
                "for_whom_words": "Nobody knows yet whether it happened: look at the vendor",
                "may_i": False,
                "since": "2026-11-20T08:00:00Z",
                "expires_at": None,
            },
        ],
    }
    opened = sidebar(DONE)
    opened.app.get_by_text("Waiting on other tickets").click()
    opened.sees("Refund USD 12.00")
    opened.fits()
    opened.picture("elsewhere-320-light")
    opened.press("Open ticket 456")
    opened.page.wait_for_function(
        "window.told.some(([name, args]) => name === 'routeTo' && args.join() === 'ticket,456')"
    )


def test_it_is_not_said_that_nothing_waits_where_nobody_looked_at_all_of_it(sidebar: Sidebar, desk: Scripted) -> None:
    desk.waiting = {"items": [], "more": True}
    opened = sidebar(DONE)
    opened.app.get_by_text("Waiting on other tickets").click()
    opened.sees("there is more.")
    opened.misses("Nothing waits for you elsewhere.")


def test_the_trail_the_customer_and_the_reply_open_on_demand(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    for summary in ("More about this", "Customer", "What happened", "Facts", "Every step (3)"):
        opened.app.locator("summary", has_text=summary).first.click()
    opened.sees("we have sent USD 47.00 back to your Visa ending in 4242")
    opened.sees("USD 299.00 refunded")
    opened.sees("Begun: the update of the ticket (3 times)")
    opened.app.locator(".steps summary", has_text="Facts").nth(1).click()
    opened.sees("36000000000050, 36000000000051")
    opened.fits()
    opened.picture("all-open-320-light")


def test_the_bearer_is_in_no_cookie_store_address_or_element(sidebar: Sidebar) -> None:
    opened = sidebar(MINE)
    opened.sees("Waiting for you")
    held: Any = opened.frame.evaluate(
        "[document.documentElement.outerHTML, document.cookie, location.href, "
        "JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join(' ')"
    )
    assert BEARER not in held


def test_by_keyboard_alone_two_returns_do_not_approve(sidebar: Sidebar, desk: Scripted) -> None:
    opened = sidebar(MINE)
    first = opened.app.get_by_role("button", name="Approve…")
    first.focus()
    first.press("Enter")
    opened.sees("You approve:")
    focused = opened.app.locator(":focus")
    expect(focused).to_have_attribute("role", "group")
    focused.press("Enter")
    assert desk.presses() == []
    opened.page.keyboard.press("Tab")
    expect(opened.app.locator(":focus")).to_contain_text("Approve: Refund USD 47.00")
    expect(opened.app.locator(":focus")).not_to_have_attribute("aria-disabled", "true")
    opened.page.keyboard.press("Enter")
    opened.sees("Approved.")
    assert len(desk.presses()) == 1


def test_the_ticket_beside_it_is_bound_first(sidebar: Sidebar, desk: Scripted) -> None:
    sidebar(DONE, ticket=77).sees("Done")
    assert desk.pressed == [("/api/sessions/bind", {"ticket": "77"})]


def test_an_admin_sees_both_of_their_roles(sidebar: Sidebar) -> None:
    sidebar(state("idle", me=ADMIN)).sees("Ana Admin · finance, admin")
