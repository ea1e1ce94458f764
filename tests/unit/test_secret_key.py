from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vcs.secret_key import FILE_NAME, KEY_BYTES, BadSecretKey, load_secret_key


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(load_secret_key, [tmp_path] * 32))
    assert len(keys) == 1
    assert len(keys.pop()) == KEY_BYTES
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_read_or_that_was_cut_is_refused(tmp_path: Path) -> None:
    load_secret_key(tmp_path)
    path = tmp_path / FILE_NAME
    path.chmod(0o640)
    with pytest.raises(BadSecretKey, match="chmod 600"):
        load_secret_key(tmp_path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(BadSecretKey, match="32 bytes"):
        load_secret_key(tmp_path)
