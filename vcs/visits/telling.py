"""What is told of visits: each booth its own, the console the sheet of the one that it looks at."""

from __future__ import annotations

from datetime import date

from vcs import messages as m
from vcs.visits import views
from vcs.visits.fields import disagreements
from vcs.visits.place import Place, Told, VisitDesk


def tell_booth(place: Place) -> None:
    """What has changed of its visit since it was told."""
    found, told = place.agreed, place.told
    if found is None:
        # Before consent nothing is shown of what was entered: perhaps somebody else sits there.
        if told.visit not in (None, views.NO_VISIT):
            told.visit = views.NO_VISIT
            place.tell(views.NO_VISIT)
        return
    message = views.visit_told(found.visit)
    if message == told.visit:
        return
    flow = found.visit.flow
    if flow.name not in told.flows:
        told.flows.add(flow.name)
        place.tell(m.FlowTold(views.flow_for_booth(flow)))
    told.visit = message
    place.tell(message)


def tell_console(desk: VisitDesk, looked_at: Place | None, told: Told, today: date) -> None:
    """The sheet of the booth in focus."""
    if looked_at is None:
        told.visit = None
        return
    found, seat = looked_at.open, looked_at.seat
    if found is None:
        message = m.Sheet(slot=seat.slot, visit=None)
    else:
        flow = found.visit.flow
        wrong = disagreements(flow, found.visit.answers, today)
        message = views.sheet(
            seat.slot,
            found.visit,
            language=seat.language,
            typing=found.typing,
            still=found.still,
            present=looked_at.attendance.present,
            disagreements={
                name: m.Disagreement(each.code, list(each.marked)) for name, each in wrong.items()
            },
        )
        if flow.name not in told.flows:
            told.flows.add(flow.name)
            desk.tell_console(m.FlowTold(flow))
    if message != told.visit:
        told.visit = message
        desk.tell_console(message)
