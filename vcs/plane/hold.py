"""Pictures wait while a peer's connection does not keep up."""

from __future__ import annotations

from vcs.plane.chaser import KeyFrameChaser
from vcs.plane.peer import Peer
from vcs.plane.route import Route


class VideoHold:
    """A held peer's routes of video wait for a key frame that nobody asks for until the connection
    has caught up. Whole packets are left out before they have a number, so that the receiver sees
    no gap that it would want repaired."""

    __slots__ = ("_chaser",)

    def __init__(self, chaser: KeyFrameChaser) -> None:
        self._chaser = chaser

    def follow(self, peer: Peer) -> None:
        """The peer has another path, or the state of its path's socket has changed."""
        held = peer.path is not None and peer.path.socket.held
        if held == peer.held:
            return
        peer.held = held
        for route in peer.routes:
            if route.video:
                if held:
                    self._hold(route)
                elif route.pending is not None:
                    self._chaser.route_waits(route.pending)

    def _hold(self, route: Route) -> None:
        source, pending = route.source, route.pending
        if source is not None:
            route.source = None
            if pending is None:
                route.pending = source
                route.pending_tid = route.wanted_tid
            else:  # the layer to come will do
                source.detach(route)
        if route.pending is not None:
            self._chaser.settle(route.pending)
        if route.history is not None:
            # Another stream may follow, and nothing of this one may be asked for then.
            route.history.clear()
