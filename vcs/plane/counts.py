"""The plane's numbers: what went in and out, and a named reason for every packet that did not."""

from __future__ import annotations

from typing import Final

REASONS: Final = (
    "drop_empty",
    "drop_class",
    "drop_no_path",
    "drop_no_peer",
    "drop_malformed",
    "drop_ssrc_limit",
    "drop_srtp_auth",
    "drop_srtp_replay",
    "drop_srtp_other",
    "drop_unknown_ssrc",
    "drop_payload_type",
    "drop_duplicate",
    "drop_padding",
    "drop_repair_late",
    "drop_no_route",
    "drop_key_frame_awaited",
    "drop_route_late",
    "drop_route_duplicate",
    "drop_temporal_layer",
    "drop_protect",
    "drop_oversized",
    "drop_arrivals",
    "drop_departures",
    "drop_send_no_path",
    "drop_send_full",
    "drop_send_error",
    "drop_receive_error",
    "drop_connection_limit",
    "drop_connection_silent",
    "drop_connection_oversized",
    "drop_connection_stalled",
)
"""Inbound, from the socket inwards; then by route; then outbound; then TCP connections that were
ended or refused: too many, none with a path in time, too long a frame, too much waiting."""

TRAFFIC: Final = (
    "packets_in",
    "octets_in",
    "packets_out",
    "octets_out",
    "repairs_in",
    "repairs_out",
    "padding_out",
    "connections_in",
    "connections_ended",
    "connections_held",
)
"""And TCP connections: taken, ended by the other end or the network, too slow for pictures."""


def fresh_counts() -> dict[str, int]:
    return dict.fromkeys((*TRAFFIC, *REASONS), 0)
