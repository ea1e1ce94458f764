from __future__ import annotations

from tests.unit.http.conftest import Serve, Site


async def test_health_answers(site: Site) -> None:
    answer = await site.get("/health")
    assert (answer.status, await answer.json()) == (200, {"status": "ok"})


async def test_metrics_are_lines_for_this_machine_alone(serve: Serve) -> None:
    site = await serve(lambda: {"packets_in": 7, 'drop{reason="x"}': 1.5})
    answer = await site.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert await answer.text() == 'vcs_drop{reason="x"} 1.5\nvcs_packets_in 7\n'
    for header in ("X-Forwarded-For", "Forwarded"):
        behind_a_proxy = await site.get("/metrics", headers={header: "192.0.2.1"})
        assert behind_a_proxy.status == 404
    opened = await serve(metrics_to_all=True)
    answer = await opened.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"})
    assert answer.status == 200
