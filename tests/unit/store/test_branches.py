from __future__ import annotations

import pytest

from vcs.store import AlreadyThere, NotThere, Store
from vcs.store.records import Branch, Desk


async def test_a_branch_comes_with_its_desks(store: Store) -> None:
    branch = await store.branches.add("Cilandak", 3)
    other = await store.branches.add("Bandung")
    assert await store.branches.all() == [other, branch]
    desks = await store.branches.desks(branch.id)
    assert [(desk.number, desk.name, desk.branch) for desk in desks] == [
        (1, "Meja 1", "Cilandak"),
        (2, "Meja 2", "Cilandak"),
        (3, "Meja 3", "Cilandak"),
    ]
    assert await store.branches.desk(desks[1].id) == desks[1]
    assert await store.branches.desk_numbered(branch, 2) == desks[1]
    assert await store.branches.desk(999) is None


async def test_names_are_taken_once_and_what_is_unknown_is_named(store: Store, desk: Desk) -> None:
    with pytest.raises(AlreadyThere, match="Cilandak"):
        await store.branches.add("Cilandak", 4)
    assert len(await store.branches.desks(desk.branch_id)) == 1
    with pytest.raises(NotThere, match="there are: 'Cilandak'"):
        await store.branches.named("Cilandek")
    with pytest.raises(NotThere, match="no desk 7"):
        await store.branches.desk_numbered(Branch(desk.branch_id, "Cilandak"), 7)
