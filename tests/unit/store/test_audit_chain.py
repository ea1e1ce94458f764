from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import assume, given
from hypothesis import strategies as st

from vcs.store.audit_chain import NOTHING, HeadHash, Link, body_digest, link_hash

moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
links = st.builds(
    Link,
    visit_id=st.integers(1, 2**53),
    number=st.integers(1, 2**31 - 1),
    at=moments,
    actor=st.sampled_from(["visitor", "officer", "server"]),
    officer_id=st.none() | st.integers(1, 2**31 - 1),
    kind=st.text(min_size=1, max_size=32),
    change=st.none() | st.integers(1, 2**31 - 1),
    digest=st.none() | st.binary(min_size=32, max_size=32),
)
chains = st.lists(links, min_size=2, max_size=12)


def ends(chain: list[Link]) -> list[bytes]:
    found, previous = [], NOTHING
    for link in chain:
        previous = link_hash(previous, link)
        found.append(previous)
    return found


@given(links, links)
def test_different_rows_have_different_hashes(one: Link, other: Link) -> None:
    assert (link_hash(NOTHING, one) == link_hash(NOTHING, other)) == (one == other)


@given(links, st.integers(-12, 12))
def test_the_zone_of_a_moment_is_nothing(link: Link, hours: int) -> None:
    elsewhere = replace(link, at=link.at.astimezone(timezone(timedelta(hours=hours))))
    assert link_hash(NOTHING, elsewhere) == link_hash(NOTHING, link)


@given(chains, st.data())
def test_whatever_is_done_to_a_chain_its_end_is_another(
    chain: list[Link], data: st.DataObject
) -> None:
    changed = list(chain)
    place = data.draw(st.integers(0, len(chain) - 1))
    match data.draw(st.sampled_from(["delete", "insert", "replace", "exchange"])):
        case "delete":
            del changed[place]
        case "insert":
            changed.insert(place, data.draw(links))
        case "replace":
            changed[place] = data.draw(links)
        case _:
            other = data.draw(st.integers(0, len(chain) - 1))
            changed[place], changed[other] = changed[other], changed[place]
    assume(changed != chain)
    assert ends(changed)[-1:] != ends(chain)[-1:]


entries = st.lists(
    st.tuples(st.integers(1, 2**53), st.integers(1, 1000), st.binary(min_size=32, max_size=32)),
    max_size=8,
)


@given(entries, entries, st.integers(0, 8), moments)
def test_a_head_covers_its_entries_in_order_however_they_come(
    one: list[tuple[int, int, bytes]],
    other: list[tuple[int, int, bytes]],
    cut: int,
    at: datetime,
) -> None:
    def head(*parts: list[tuple[int, int, bytes]]) -> bytes:
        hashing = HeadHash(NOTHING, 1, at)
        for part in parts:
            hashing.add(part)
        return hashing.digest()

    assert head(one[:cut], one[cut:]) == head(one)
    assert (head(one) == head(other)) == (one == other)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.binary())
def test_a_digest_needs_its_salt(one: bytes, other: bytes, body: bytes) -> None:
    assert (body_digest(one, body) == body_digest(other, body)) == (one == other)
