"""`vcs serve` with a broken privacy rule: whoever is on air, every booth hears the officer, and he
hears every booth that agreed. The product has no switch for this; a check that never saw a leak
would be worth nothing."""

from __future__ import annotations

import vcs.sfu
from vcs.cli import main
from vcs.privacy import OFFICER, Booth, DeskState, Flow, Media, allowed_flows


def leaking_flows(state: DeskState) -> frozenset[Flow]:
    """The rule's flows, and while somebody is on air those that it forbids."""
    flows = set(allowed_flows(state))
    if state.officer and state.talk is not None:
        for slot in state.joined:
            flows.add(Flow(OFFICER, Booth(slot), Media.AUDIO))
        for slot in state.joined & state.consented:
            flows.add(Flow(Booth(slot), OFFICER, Media.AUDIO))
    return frozenset(flows)


vcs.sfu.allowed_flows = leaking_flows
main()
