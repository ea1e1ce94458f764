"""The desk: one officer, one to six booths, and the one writer of who talks to whom.

No input or output: commands come in with the time, `enforce` is called with the rule's view of the
desk whenever it may have changed, before the command returns. So an acknowledgement that is sent
after a command returned is true in the packet plane.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from vcs.messages import Device, HoldReason, Language, OfficerText, RefusalCode
from vcs.officer.day import Break, DeskDay
from vcs.officer.seat import Seat, new_occupant
from vcs.privacy import DeskState

REJOIN_GRACE_S = 120.0
"""How long a booth that left keeps its visitor's place. Consent is asked again all the same."""


class CommandRefused(Exception):
    """A command changed nothing. `code` is for the page, the text for a person."""

    def __init__(self, code: RefusalCode, text: str) -> None:
        super().__init__(text)
        self.code: RefusalCode = code


class Journal(Protocol):
    """Where talk intervals go. Both calls return at once and never fail: talk waits for no disk."""

    def opened(self, seat: Seat, kind: Literal["talk", "announce"]) -> object: ...
    def closed(self, interval: object) -> None: ...


@dataclass(frozen=True, slots=True)
class DeskRules:
    """What the settings say about every desk."""

    announce_limit_s: float = 60.0
    officer_video_to_all: bool = False


class Desk:
    """State and commands of one desk. `now` is monotonic time in seconds throughout."""

    def __init__(
        self,
        seats: Iterable[Seat],
        enforce: Callable[[DeskState], None],
        journal: Journal,
        rules: DeskRules | None = None,
        day: DeskDay | None = None,
    ) -> None:
        self.seats: dict[int, Seat] = {seat.slot: seat for seat in seats}
        self.rules = rules or DeskRules()
        self.day = day or DeskDay()
        self.revision = 0
        self.officer: str | None = None
        self.officer_media = False
        self.microphone = False
        self.talk_slot: int | None = None
        self.announcing = False
        self.air_since: float | None = None
        self.hold_reason: HoldReason | None = "started"
        self.focus: int | None = None
        self._enforce = enforce
        self._journal = journal
        self._intervals: list[object] = []
        self._in_force: DeskState | None = None

    # --- the rule -------------------------------------------------------------------------------

    def state(self) -> DeskState:
        """What the privacy rule sees of this desk."""
        return DeskState(
            officer=self.officer is not None and self.officer_media,
            joined=frozenset(s.slot for s in self.seats.values() if s.joined and s.media),
            consented=frozenset(s.slot for s in self.seats.values() if s.consented),
            talk=self.talk_slot,
            announce=self.announcing,
            officer_video_to_all=self.rules.officer_video_to_all,
        )

    def _apply(self) -> None:
        state = self.state()
        if state != self._in_force:
            self._enforce(state)
            self._in_force = state

    # --- the officer ----------------------------------------------------------------------------

    def officer_joined(self, name: str, now: float) -> None:
        """A console has this desk now, a first one or one that took over. The desk is in hold."""
        self._end_air("taken_over" if self.officer is not None else "started", now)
        self.officer = name
        self.officer_media = False
        self.microphone = False
        self.revision += 1
        self._apply()

    def officer_left(self, now: float) -> None:
        """The console's socket closed."""
        self._end_air("officer_lost", now)
        self.officer = None
        self.officer_media = False
        self.microphone = False
        self.revision += 1
        self._apply()

    def officer_media_changed(self, up: bool, now: float) -> None:
        """The console's media path came up, or nothing authentic has arrived on it for too long."""
        if up == self.officer_media:
            return
        if not up:
            self._end_air("officer_lost", now)
        self.officer_media = up
        self._apply()

    def microphone_changed(self, live: bool, now: float) -> None:
        """Unplugged on air, the desk holds. Live again, it stays in hold."""
        if not live:
            self._end_air("microphone_lost", now)
        self.microphone = live
        self._apply()

    # --- talk -----------------------------------------------------------------------------------

    def talk(self, slot: int, occupant: int, revision: int, now: float) -> None:
        """Put one booth on air, and nobody else. Raises `CommandRefused`."""
        self._check_revision(revision)
        seat = self._seat(slot)
        if not seat.joined:
            raise CommandRefused("no_booth", "this booth is not connected")
        self._check_occupant(seat, occupant)
        if not seat.consented:
            raise CommandRefused("no_consent", "the visitor has not agreed yet")
        if seat.handing_over:
            raise CommandRefused("handing_over", "a colleague is just taking this visit over")
        self._check_officer_can_speak()
        if not seat.media:
            raise CommandRefused("no_media", "the booth's sound and picture are not connected yet")
        if self.talk_slot == slot and not self.announcing:
            return
        self._end_air("hold", now)
        self.talk_slot = slot
        self.air_since = now
        self.hold_reason = None
        seat.called_since = None
        seat.colleague = False
        self.revision += 1
        self._apply()
        self._intervals = [self._journal.opened(seat, "talk")]

    def hold(self, now: float) -> None:
        """No booth on air. Never refused."""
        if self._end_air("hold", now):
            self._apply()

    def announce(self, revision: int, now: float) -> None:
        """Speak to every booth, hear none. Raises `CommandRefused`."""
        self._check_revision(revision)
        self._check_officer_can_speak()
        if self.announcing:
            return
        hearing = [s for s in self.seats.values() if s.joined and s.media]
        if not hearing:
            raise CommandRefused("no_booth", "no booth is connected")
        self._end_air("hold", now)
        self.announcing = True
        self.air_since = now
        self.hold_reason = None
        self.revision += 1
        self._apply()
        self._intervals = [self._journal.opened(seat, "announce") for seat in hearing]

    def end_announcement(self, now: float) -> None:
        """The key was released. Never refused; a talk is not touched."""
        if self.announcing and self._end_air("announce_ended", now):
            self._apply()

    def officer_silent(self, now: float) -> None:
        """The officer's words do not come, though he may be heard and seen."""
        if self._end_air("officer_lost", now):
            self._apply()

    def take_break(self, pause: Break, now: float) -> None:
        """The officer leaves: hold, and nobody is put on air until he is back (`day.end_break`)."""
        self._end_air("break", now)
        self.day.begin_break(pause)
        self._apply()

    def _end_air(self, reason: HoldReason, now: float) -> bool:
        """Talk and announce are gone from the state; `_apply` takes them from the plane."""
        if self.talk_slot is None and not self.announcing:
            if self.hold_reason is None or reason not in {"hold", "announce_ended"}:
                self.hold_reason = reason
            return False
        if self.talk_slot is not None:
            self.seats[self.talk_slot].last_talk = now
        self.talk_slot = None
        self.announcing = False
        self.air_since = None
        self.hold_reason = reason
        self.revision += 1
        intervals, self._intervals = self._intervals, []
        for interval in intervals:
            self._journal.closed(interval)
        return True

    # --- booths ---------------------------------------------------------------------------------

    def place(self, seat: Seat) -> None:
        """A booth was enrolled here for the first time, or renamed."""
        self.seats[seat.slot] = seat

    def release(self, slot: int, now: float) -> Seat:
        """The booth leaves this desk with everything; nothing flows from or to it any more."""
        seat = self._seat(slot)
        self._leave_air(seat, now)
        self.day.end_wrap_up(slot)
        del self.seats[slot]
        if self.focus == slot:
            self.focus = None
        self.revision += 1
        self._apply()
        return seat

    def receive(self, seat: Seat, slot: int) -> None:
        """A booth that another desk has released; its visitor's consent stands. The slot is
        empty."""
        if slot in self.seats:
            raise ValueError(f"there is a booth in place {slot}")
        seat.slot = slot
        self.seats[slot] = seat
        self.revision += 1
        self._apply()

    def booth_joined(self, slot: int, now: float) -> None:
        """A booth's signalling is up. A visitor who sat there is asked for consent again."""
        seat = self._seat(slot)
        self._leave_air(seat, now)
        seat.joined = True
        seat.media = False
        seat.offline_since = None
        seat.camera = seat.microphone = "off"
        seat.document = "missing"
        if seat.visit == "running":
            seat.visit = "consent"
        if seat.visit == "consent":
            # Perhaps somebody else: what was said to the one before is not shown.
            seat.occupant = new_occupant()
            seat.text = None
            seat.cannot_hear = False
        self.revision += 1
        self._apply()

    def booth_left(self, slot: int, now: float) -> None:
        """A booth's signalling is gone: consent is cleared with it."""
        seat = self._seat(slot)
        self._leave_air(seat, now)
        seat.joined = False
        seat.media = False
        seat.offline_since = now
        seat.called_since = None
        if seat.visit == "running":
            seat.visit = "consent"
        self.revision += 1
        self._apply()

    def booth_token_changed(self, slot: int, now: float) -> None:
        """Enrolled anew or revoked: whoever sat there is not known any more."""
        seat = self._seat(slot)
        self._leave_air(seat, now)
        seat.clear_visit()
        self._apply()

    def booth_media_changed(self, slot: int, up: bool, now: float) -> None:
        """The booth's media path came up or went silent. A talk does not survive its loss."""
        seat = self._seat(slot)
        if up == seat.media:
            return
        if not up:
            self._leave_air(seat, now)
        seat.media = up
        self._apply()

    def start_visit(self, slot: int, now: float) -> None:
        """The visitor touched start. A visit that runs already goes on."""
        seat = self._seat(slot)
        free = seat.joined and seat.in_service and seat.visit == "none"
        if free and self.day.takes_visitors:
            seat.begin_visit(now)
            self.day.end_wrap_up(slot)

    def restore_visit(self, slot: int, now: float) -> None:
        """A visit was under way here before the server stopped: its visitor is asked again, within
        the time that a booth which left has."""
        seat = self._seat(slot)
        if seat.visit == "none" and self.day.status != "closed":
            seat.begin_visit(now)
            self.day.end_wrap_up(slot)
            if not seat.joined:
                seat.offline_since = now

    def consent(self, slot: int, occupant: int, agreed: bool, now: float) -> None:
        """The visitor's answer. Raises `CommandRefused` when it is of another occupancy."""
        seat = self._seat(slot)
        self._check_occupant(seat, occupant)
        if not agreed:
            self.end_visit(slot, occupant, now)
        elif seat.visit == "consent":
            seat.visit = "running"
            seat.waiting_since = now
            self._apply()

    def end_visit(self, slot: int, occupant: int, now: float) -> None:
        """By the visitor or by the officer. Raises `CommandRefused` for another occupancy."""
        seat = self._seat(slot)
        self._check_occupant(seat, occupant)
        if self.talk_slot == slot:
            self._end_air("visit_ended", now)
        seat.clear_visit()
        self._apply()

    def call(self, slot: int, active: bool, now: float) -> None:
        """The call button. On air there is nobody to call."""
        seat = self._seat(slot)
        if not active or not seat.consented or self.talk_slot == slot:
            seat.called_since = None
        elif seat.called_since is None:
            seat.called_since = now

    def cannot_hear(self, slot: int, active: bool) -> None:
        self._seat(slot).cannot_hear = active and self._seat(slot).consented

    def devices(
        self, slot: int, camera: Device, microphone: Device, document: Device = "missing"
    ) -> None:
        seat = self._seat(slot)
        seat.camera, seat.microphone, seat.document = camera, microphone, document

    def language(self, slot: int, language: Language) -> None:
        self._seat(slot).language = language

    def send_text(self, slot: int, occupant: int, text: str | None) -> None:
        """Text to the booth on air; None takes it back. Raises `CommandRefused`."""
        seat = self._seat(slot)
        self._check_occupant(seat, occupant)
        if text is None:
            seat.text = None
            return
        if self.talk_slot != slot:
            raise CommandRefused("not_on_air", "text goes to the booth on air")
        seat.texts_sent += 1
        seat.text = OfficerText(number=seat.texts_sent, text=text)

    def text_read(self, slot: int, number: int) -> None:
        seat = self._seat(slot)
        if seat.text is not None and seat.text.number == number:
            seat.text = None

    def set_focus(self, slot: int | None) -> None:
        if slot is not None:
            self._seat(slot)
        self.focus = slot

    # --- time -----------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Ends what has lasted too long. Call it a few times a second."""
        if (
            self.announcing
            and self.air_since is not None
            and now - self.air_since >= self.rules.announce_limit_s
        ):
            self._end_air("announce_timeout", now)
            self._apply()
        for seat in self.seats.values():
            if (
                seat.offline_since is not None
                and seat.visit != "none"
                and now - seat.offline_since >= REJOIN_GRACE_S
            ):
                seat.clear_visit()
        self.day.tick(now)

    # --- checks ---------------------------------------------------------------------------------

    def _leave_air(self, seat: Seat, now: float) -> None:
        if self.talk_slot == seat.slot:
            self._end_air("booth_left", now)

    def _seat(self, slot: int) -> Seat:
        seat = self.seats.get(slot)
        if seat is None:
            raise CommandRefused("no_booth", f"there is no booth in place {slot}")
        return seat

    def _check_revision(self, revision: int) -> None:
        if revision != self.revision:
            raise CommandRefused("stale", "the desk has changed meanwhile; look and press again")

    def _check_occupant(self, seat: Seat, occupant: int) -> None:
        if seat.occupant is None or seat.occupant != occupant:
            raise CommandRefused("occupant_changed", "somebody else sits there now")

    def _check_officer_can_speak(self) -> None:
        if self.day.pause is not None:
            raise CommandRefused("on_break", "you are on a break; come back first")
        if self.day.status == "closed":
            raise CommandRefused("desk_closed", "this desk is closed; open it first")
        if self.officer is None or not self.officer_media:
            raise CommandRefused("no_media", "your sound and picture are not connected yet")
        if not self.microphone:
            raise CommandRefused("no_microphone", "your microphone is not live")
