"""Evidence files, kept without holding up the loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from vcs.store.evidence import evidence_path, write_evidence


@dataclass(frozen=True, slots=True)
class EvidenceFiles:
    data_dir: Path

    async def keep(self, visit_id: int, data: bytes) -> str:
        """Its digest, once it would outlive a power cut. Raises `OSError`."""
        return await asyncio.to_thread(write_evidence, self.data_dir, visit_id, data)

    async def read(self, visit_id: int, digest: str) -> bytes:
        """Raises `OSError` when it is gone, `ValueError` for what is no digest."""
        path = evidence_path(self.data_dir, visit_id, digest)
        return await asyncio.to_thread(path.read_bytes)
