from __future__ import annotations

from tests.unit.conftest import Clocks
from tests.unit.http.conftest import Site
from vcs.store import Store
from vcs.store.records import BoothPlace


async def test_a_code_is_traded_for_a_token_once(
    site: Site, store: Store, place: BoothPlace
) -> None:
    offer = await site.enrolment.pair(place.id)
    answer = await site.post("/api/enrol", {"code": offer.code})
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    told = await answer.json()
    token = told.pop("token")
    assert told == {"branch": "Cilandak", "booth": 3, "name": "Bilik 3"}
    found = await store.booths.by_token(token)
    assert found is not None and found.id == place.id
    again = await site.post("/api/enrol", {"code": offer.code})
    assert again.status == 403
    assert (await again.json())["error"]["code"] == "wrong_code"


async def test_expired_and_guessed_codes_look_alike_and_the_sixth_try_waits(
    site: Site, place: BoothPlace, clocks: Clocks
) -> None:
    offer = await site.enrolment.pair(place.id)
    clocks.pass_by(minutes=10)
    answers = [
        await site.post("/api/enrol", {"code": code})
        for code in (offer.code, "AAAA-AAAA", "BBBB-BBBB", "CCCC-CCCC", "?")
    ]
    assert {answer.status for answer in answers} == {403}
    assert len({await answer.text() for answer in answers}) == 1
    fresh = await site.enrolment.pair(place.id)
    refused = await site.post("/api/enrol", {"code": fresh.code})
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "60"
    clocks.pass_by(minutes=1)
    assert (await site.post("/api/enrol", {"code": fresh.code})).status == 200
