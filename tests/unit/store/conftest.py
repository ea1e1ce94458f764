"""The store's tests run on both databases, but for those that say which one they are about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.conftest import Clocks
from tests.unit.postgresql import Cluster, NoPostgresql, cluster
from tests.unit.store.material import Teller
from vcs.store import Store
from vcs.store.records import BoothPlace, Desk, Officer


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    try:
        with cluster() as running:
            yield running
    except NoPostgresql as reason:
        pytest.fail(str(reason), pytrace=False)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'vcs.db'}"


@pytest.fixture
def empty_postgresql_url(postgresql: Cluster) -> Iterator[str]:
    with postgresql.fresh("template0") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[str]:
    """A database with the tables of today."""
    if request.param == "sqlite":
        yield sqlite_url
        return
    running: Cluster = request.getfixturevalue("postgresql")
    with running.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """A database without tables."""
    name = "sqlite_url" if request.param == "sqlite" else "empty_postgresql_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
async def officer(store: Store, desk: Desk) -> Officer:
    return await store.officers.add(
        name="sari", display_name="Sari", password_hash="h", branch_id=desk.branch_id
    )


@pytest.fixture
def teller(store: Store, desk: Desk, place: BoothPlace, officer: Officer, clocks: Clocks) -> Teller:
    return Teller(store, desk, place, officer.id, clocks.now())
