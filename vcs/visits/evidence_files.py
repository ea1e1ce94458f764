"""Evidence files, kept without holding up the loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from vcs.store.evidence import evidence_path, remove_strays, write_evidence
from vcs.store.visits import Visits


@dataclass(frozen=True, slots=True)
class EvidenceFiles:
    data_dir: Path

    async def keep(self, visit_id: int, data: bytes) -> str:
        """Its digest, once it would outlive a power cut. Raises `OSError`."""
        return await asyncio.to_thread(write_evidence, self.data_dir, visit_id, data)

    async def discard(self, visit_id: int, digest: str) -> None:
        """A file that no change came to name goes. Raises `OSError`."""
        path = evidence_path(self.data_dir, visit_id, digest)
        await asyncio.to_thread(path.unlink, missing_ok=True)

    async def remove_strays(self, visits: Visits) -> int:
        """What a server that died has left of visits under way: files that no change names. Call
        before anything is served. Raises `OSError`, and what the database raises."""
        removed = 0
        for visit_id, named in (await visits.evidence_under_way()).items():
            removed += await asyncio.to_thread(remove_strays, self.data_dir, visit_id, named)
        return removed

    async def read(self, visit_id: int, digest: str) -> bytes:
        """Raises `OSError` when it is gone, `ValueError` for what is no digest."""
        path = evidence_path(self.data_dir, visit_id, digest)
        return await asyncio.to_thread(path.read_bytes)
