"""What a case file is made of, read from the store."""

from __future__ import annotations

from collections.abc import Mapping

from vcs.store import NotThere, Store
from vcs.visits.case_telling import CaseSources
from vcs.visits.flow_file import LoadedFlow


async def load_sources(store: Store, visit_id: int, flows: Mapping[str, LoadedFlow]) -> CaseSources:
    """All of one visit but the files of its evidence. Raises `NotThere`.

    The caller writes the look into the audit before (`store.audit.looked`), so that it is in here.
    """
    visit = await store.visits.load(visit_id)
    if visit is None:
        raise NotThere(f"there is no visit {visit_id}")
    desks = {
        desk.id: f"{desk.branch}, {desk.name}"
        for branch in await store.branches.all()
        for desk in await store.branches.desks(branch.id)
    }
    branches = {branch.id: branch.name for branch in await store.branches.all()}
    booth = await store.booths.get(visit.booth_id)
    return CaseSources(
        visit=visit,
        flow=flows.get(visit.flow),
        audit=await store.audit.chain(visit_id),
        talk=await store.talk.with_booth(visit.booth_id, visit.begun_at, visit.ended_at),
        officers={each.id: each.display_name for each in await store.officers.all()},
        branch=branches.get(visit.branch_id, str(visit.branch_id)),
        desks=desks,
        booth=str(visit.booth_id) if booth is None else booth.name,
    )
