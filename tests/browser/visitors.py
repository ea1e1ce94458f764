"""Visitors with a claim at booths' pages: they fill in forms, photograph their papers, sign."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

from tests.browser import pictures
from tests.browser.entered import Entered, Sent
from tests.browser.people import BoothPage, ConsolePage, until
from vcs.booth.card import draw_card, draw_letter
from vcs.booth.claim import CARD, LETTER, Claim, claim_of
from vcs.booth.face import draw_face
from vcs.booth.photograph import Shot, jpeg, photograph
from vcs.visits.flow import Capture, Field, Flow

CELLS = {"nik", "membership", "date", "phone", "bank_account"}
"""Types that are typed as digits."""
NEXT = ".stage .form__next"
TAKE = ".stage .shot__take"
UPLOADS = "**/api/booth/captures"
BLURRED = "blurred"
LETTER_SIZE = (1240, 1754)
"""As large as a document must be, and little more: all are drawn while the pages wait."""
STEP_APART = 0.004
"""Papers of one visitor lie so far from each other, as shares of the picture: no two are alike."""
_HEIR = claim_of(6)
CLAIMS = (
    *(claim_of(number) for number in range(1, 6)),
    replace(
        _HEIR,
        service="death_benefit",
        answers={
            **{each: _HEIR.answers[each] for each in ("name", "birth_date", "sex", "nik")},
            **{each: _HEIR.answers[each] for each in ("phone", "email", "bank")},
            **{each: _HEIR.answers[each] for each in ("account_number", "account_holder")},
            "relationship": "child",
            "deceased_name": "Ratna Hartono",
            "deceased_birth_date": "1941-04-12",
            "deceased_sex": "female",
            "deceased_nik": "3471085204410006",
            "date_of_death": "2025-08-30",
            "membership": "79051166204",
        },
    ),
)
"""Of the visitors in the booths, in their order: three of each service."""


class Visitor:
    """One of them. `entered` is what he did."""

    def __init__(self, booth: BoothPage, claim: Claim, flow: Flow) -> None:
        self.booth = booth
        self.claim = claim
        self.flow = flow
        steps = [step.name for step in flow.steps]
        self.entered = Entered(flow.name, steps, f"Bilik {booth.number}")
        self.occupant = 0
        self._papers = 0

    @property
    def name(self) -> str:
        return self.claim.answers["name"]

    def sit_down(self, console: ConsolePage) -> None:
        """And agree, at a place of this console's desk."""
        booth = self.booth
        booth.await_screen("idle")
        booth.touch(".stage .btn--main")
        booth.await_screen("services")
        booth.touch(f"[data-service={self.claim.service}]")
        booth.await_screen("consent")
        booth.touch(".stage .btn--main")
        booth.await_screen("form")
        console.await_media(booth.number)
        self.occupant = console.page.evaluate(
            "(slot) => vcsConsole.facts.tile(slot).occupant", booth.number
        )

    # --- forms ----------------------------------------------------------------------------------

    def fill_in(self, step: str, touch: bool = False) -> None:
        """All fields of a step, which is then confirmed. `touch`: by the keys on the screen alone;
        else by a keyboard on the table."""
        found = self.flow.step(step)
        assert found is not None
        for field in found.fields:
            self.enter(field, touch)
        self.confirm(step)

    def enter(self, field: Field, touch: bool) -> None:
        """One field; what he has no answer to is left empty."""
        self.write(field, touch)
        self.booth.touch(NEXT)

    def write(self, field: Field, touch: bool) -> None:
        """As `enter`, and stays there."""
        page = self.booth.page
        asked = page.locator(f".stage [data-field={field.name}]")
        until(lambda: self.wake() or asked.is_visible(), f"{field.name} is asked for")
        value = self.claim.answers.get(field.name)
        if value is None:
            return
        if field.type == "choice":
            self.booth.touch(f"[data-choice={value}]")
        elif field.type in CELLS:
            digits = "".join(reversed(value.split("-"))) if field.type == "date" else value
            for digit in digits if touch else ():
                self.booth.touch(f".pad .num span:text-is('{digit}')")
            if not touch:
                page.keyboard.type(digits)
        elif touch:
            for sign in value:
                self._press(sign)
        else:
            page.locator(".entry").fill(value)
        self.entered.answers[field.name] = value

    def _press(self, sign: str) -> None:
        """On the keyboard on the screen: capitals come by themselves at the beginning of words."""
        if sign == " ":
            self.booth.touch(".keys__space")
            return
        key = f".keys span:text-is('{sign}')"
        if self.booth.page.locator(key).count() == 0:
            self.booth.touch(".keys__shift")
        self.booth.touch(key)

    def confirm(self, step: str) -> None:
        """What he sees of this step is right."""
        booth = self.booth
        self.await_screen("overview")
        booth.touch(".overview .btn--main")
        until(lambda: booth.screen != "overview", f"booth {booth.number} has finished {step}")

    def await_screen(self, screen: str) -> None:
        """What his page shows, once he has said that he is still there."""
        until(
            lambda: self.wake() or self.booth.screen == screen,
            f"booth {self.booth.number} at {screen}, is at",
            seen=lambda: self.booth.screen,
        )

    def wake(self) -> None:
        """A page that nobody has touched for a minute asks whether he is there."""
        if self.booth.screen == "still":
            self.booth.touch(".stage .btn--main")

    # --- pictures and signature -----------------------------------------------------------------

    def photograph_all(self, by_camera: str | None = None) -> None:
        """Every paper that the flow asks for, and his face; `by_camera`: one that is really taken,
        spoiled at first."""
        for step in self.flow.steps:
            for wanted in step.captures:
                if wanted.name == by_camera:
                    self.take(wanted)
                else:
                    self.send(wanted)

    def send(self, wanted: Capture) -> None:
        """By the page's own module, without its camera, until the checks have nothing against
        it."""
        spoiled = self.claim.spoiled.get(wanted.name)
        for shot in [spoiled, None] if spoiled else [None]:
            data = self.picture(wanted, shot)
            advice = pictures.send(self.booth, wanted.name, data, self.occupant)
            assert bool(advice) is (shot is not None), (wanted.name, advice)
            digest = hashlib.sha256(data).hexdigest()
            self.entered.sent.append(Sent(wanted.name, digest, advice))

    def take(self, wanted: Capture) -> None:
        """By the booth's camera and the button on its page: first blurred, which the page refuses
        with its advice, then well. What is sent is what the camera makes of the picture before it:
        its digest is read off the page's request."""
        booth, page = self.booth, self.booth.page
        spoiled = self.claim.spoiled[wanted.name]
        self.await_screen("capture")
        for shot in (spoiled, None):
            if shot is None:
                booth.touch(TAKE)  # back to the live picture
                self._await_seen(shot=False)
            self._hold(self.picture(wanted, shot))
            self._await_seen(shot=True)
            with page.expect_request(UPLOADS) as begun:
                booth.touch(TAKE)
            digest = begun.value.post_data_json["digest"]
            page.locator(
                f".stage {f'.err[data-problem={BLURRED}]' if shot else '.praise'}"
            ).wait_for()
            self.entered.sent.append(Sent(wanted.name, digest, [BLURRED] if shot else []))
            self._hold(None)

    def _await_seen(self, shot: bool) -> None:
        """What he holds, or does not hold any more, is what his page shows: by its size."""
        video = self.booth.page.locator(".stage .view video")
        until(
            lambda: (video.evaluate("(video) => video.videoWidth") == CARD.size[0]) is shot,
            "he sees what he holds",
        )

    def _hold(self, picture: bytes | None) -> None:
        """Before the camera, until there is another one or none."""
        url = picture and "data:image/jpeg;base64," + base64.b64encode(picture).decode()
        self.booth.page.evaluate("(url) => testDevices.hold(url)", url)

    def picture(self, wanted: Capture, shot: Shot | None = None) -> bytes:
        """A JPEG of what is asked for; `shot` spoils it."""
        holder = self.claim.holder
        if wanted.subject == "face":
            return jpeg(draw_face(holder.number))
        if wanted.subject == "card":
            return jpeg(photograph(draw_card(holder, 1400), shot or CARD))
        self._papers += 1
        how = replace(shot or LETTER, size=LETTER_SIZE, shift=STEP_APART * self._papers)
        return jpeg(photograph(draw_letter(holder), how))

    def sign(self) -> None:
        """With a finger, and says that it is done."""
        page = self.booth.page
        page.locator(".stage .ink").wait_for()
        box = page.locator(".stage .ink").bounding_box()
        assert box is not None
        finger = page.context.new_cdp_session(page)
        points = [
            {"x": box["x"] + box["width"] * (0.2 + 0.05 * n), "y": box["y"] + box["height"] * y}
            for n, y in enumerate((0.5, 0.3, 0.6, 0.35, 0.65, 0.4, 0.6, 0.5))
        ]
        for kind, touched in [("touchStart", points[:1])] + [
            ("touchMove", [point]) for point in points[1:]
        ]:
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        finger.detach()
        self.booth.touch(".form--sign .btn--main")
        page.locator(".stage .ink").wait_for(state="detached")
        self.entered.signed.append("interview")

    # --- the end --------------------------------------------------------------------------------

    def read_result(self) -> None:
        """What he is told, and the reference that he takes home."""
        booth = self.booth
        self.await_screen("result")
        shown = booth.page.locator(".stage .result")
        assert shown.get_attribute("data-outcome") == self.entered.outcome
        self.entered.reference = booth.page.locator(".stage .facts dd").nth(1).inner_text()

    def leave(self) -> None:
        self.await_screen("result")
        self.booth.touch(".result__finish")
        self.booth.await_screen("goodbye")
