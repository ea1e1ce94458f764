"""An officer's work on visits: talk, interview, check list, decision, hand-over, by the console's
own keys and buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.browser.entered import Entered
from tests.browser.people import ConsolePage, tile, until
from tests.browser.server import OFFICERS
from tests.browser.visitors import Visitor

KEYS = {"pending": "p", "rejected": "r"}
"""In the dialog of the decision, which begins with approved where that can be."""


@dataclass(frozen=True)
class Finding:
    """What an officer finds in a visit. `failed` lines of the check list do not pass, and `wrong`
    is the place of a question that is answered wrongly. `reasons` are names of the flow's."""

    outcome: str
    reasons: Sequence[str] = ()
    message: str = ""
    failed: Sequence[str] = ()
    wrong: int | None = None


class Officer:
    """Signed in by `name`, with an open desk. `places`: where his visitors' booths are at it."""

    def __init__(self, name: str, console: ConsolePage) -> None:
        self.name = OFFICERS[name]
        self.console = console
        self.places: dict[Visitor, int] = {}

    def talk(self, visitor: Visitor) -> None:
        """Puts him on air; nobody else is."""
        place = self.places[visitor]
        self.console.talk(place)
        visitor.entered.talked.append(self.name)
        assert self.on_air == [place]

    @property
    def on_air(self) -> list[int]:
        """The booths that hear him."""
        assert (self.console.air == "talk") is bool(self.console.hearing)
        return self.console.hearing

    def look_at(self, visitor: Visitor) -> None:
        """His sheet is before the officer."""
        page = self.console.page
        page.locator(f"{tile(self.places[visitor])} .tile__face").click()
        page.locator(f".sheet__flowhead:visible h2:text-is('{visitor.name}')").wait_for()

    # --- the interview --------------------------------------------------------------------------

    def interview(self, visitor: Visitor, finding: Finding) -> None:
        """On air: the questions, the check list, the visitor's hand; then the step is done."""
        page, entered = self.console.page, visitor.entered
        page.locator(f".sheet__flowhead:visible h2:text-is('{visitor.name}')").wait_for()
        asked = page.locator("li[data-question]")
        until(lambda: asked.count() == 3, "the questions are dealt")
        for number in range(asked.count()):
            right = number != finding.wrong
            button = asked.nth(number).locator(".yes" if right else ".no")
            button.click()
            until(
                lambda button=button: button.get_attribute("aria-pressed") == "true",
                "the answer is marked",
            )
            entered.questions[asked.nth(number).get_attribute("data-question") or ""] = right
        for check in [each.name for step in visitor.flow.steps for each in step.checks]:
            self._mark(check, check not in finding.failed, entered)
        visitor.sign()
        complete = page.locator("[data-name=complete]")
        until(lambda: complete.get_attribute("aria-disabled") is None, "nothing is missing")
        self.console.press("g")
        until(lambda: not complete.is_visible(), "the interview is done")

    def _mark(self, check: str, passed: bool, entered: Entered) -> None:
        line = self.console.page.locator(f"[data-check={check}]")
        for mark in ("passed",) if passed else ("passed", "failed"):
            line.click()
            until(lambda mark=mark: line.get_attribute("data-mark") == mark, f"{check} has {mark}")
        entered.checks[check] = passed

    # --- the decision ---------------------------------------------------------------------------

    def decide(self, visitor: Visitor, finding: Finding) -> None:
        """By keys, and the buttons of the reasons."""
        page, entered = self.console.page, visitor.entered
        dialog = page.locator(".dialog")
        self.console.press("d")
        dialog.wait_for()
        if finding.outcome in KEYS:
            self.console.press(KEYS[finding.outcome])
        dialog.locator(f"[data-outcome={finding.outcome}][aria-checked=true]").wait_for()
        for reason in finding.reasons:
            button = dialog.locator(f"[data-reason={reason}]:visible")
            entered.reasons[reason] = button.inner_text()
            button.click()
        if finding.message:
            dialog.locator("[data-name=message]").fill(finding.message)
        self.console.press("Control+Enter")
        dialog.wait_for(state="detached")
        decided = page.locator(f".decided:visible[data-outcome={finding.outcome}]")
        decided.wait_for()
        entered.outcome, entered.message = finding.outcome, finding.message
        entered.officer = self.name
        self.console.hold()

    # --- hand-over ------------------------------------------------------------------------------

    def hand_over(self, visitor: Visitor, colleague: Officer, reason: str) -> None:
        """To a colleague who takes it, by keys at both consoles."""
        page, other = self.console.page, colleague.console.page
        place = self.places[visitor]
        self.look_at(visitor)
        self.console.press("h")
        page.locator(".dialog [data-desk][aria-checked=true]").wait_for()
        page.locator("[data-name=reason]").fill(reason)
        self.console.press("Control+Enter")
        page.locator(".veil").wait_for(state="detached")
        card = other.locator(".offer[data-kind=offer]")
        card.wait_for()
        assert reason in card.inner_text()

        def accepted() -> bool:
            # A key that was on its way when the card came answers nothing, so it is pressed again.
            if card.count():
                colleague.console.press("y")
            return page.locator(".offer[data-kind=accepted]").count() > 0

        until(accepted, "the colleague has it")
        until(lambda: self.console.states[place - 1] == "vacant", "it has left the first desk")
        seated = colleague.console.page.locator(f".tile__name:text-is('{visitor.name}')")
        seated.wait_for()
        slot = other.locator(".tile", has=seated).get_attribute("data-slot")
        assert slot is not None
        del self.places[visitor]
        colleague.places[visitor] = int(slot)
        colleague.console.await_media(int(slot))
        visitor.entered.handed_over.append((reason, self.name, colleague.name))
