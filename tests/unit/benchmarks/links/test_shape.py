from __future__ import annotations

import json

import pytest

from benchmarks.links.shape import BadShape, Shape


def test_a_shape_survives_the_way_to_the_link() -> None:
    shape = Shape(rate_kbps=500, delay_ms=40, jitter_ms=5, blocked=("udp", "tcp:443"))
    assert Shape.from_json(json.loads(json.dumps(shape.as_json()))) == shape


@pytest.mark.parametrize(
    "fields",
    [
        {"rate_kbps": -1},
        {"loss_percent": 101},
        {"burst_packets": 0.5},
        {"delay_ms": 5, "jitter_ms": 6},
        {"blocked": ["icmp"]},
        {"blocked": ["tcp:https"]},
        {"speed": 5},
    ],
)
def test_shapes_that_cannot_be(fields: dict[str, object]) -> None:
    with pytest.raises(BadShape):
        Shape.from_json(fields)
