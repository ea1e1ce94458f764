"""`python -m vcs` with a rule that leaks: while somebody is on air, every booth hears and sees the
officer, and he hears every booth. For `--break-privacy` alone; the product has no such switch."""

from __future__ import annotations

import vcs.sfu
from vcs.cli import main
from vcs.privacy import OFFICER, Booth, DeskState, Flow, Media, allowed_flows


def leaking_flows(state: DeskState) -> frozenset[Flow]:
    """The rule's flows, and those that it forbids."""
    flows = set(allowed_flows(state))
    if state.officer and state.talk is not None:
        for slot in state.joined:
            flows.add(Flow(OFFICER, Booth(slot), Media.AUDIO))
            flows.add(Flow(OFFICER, Booth(slot), Media.VIDEO))
            flows.add(Flow(Booth(slot), OFFICER, Media.AUDIO))
    return frozenset(flows)


if __name__ == "__main__":
    vcs.sfu.allowed_flows = leaking_flows
    main()
