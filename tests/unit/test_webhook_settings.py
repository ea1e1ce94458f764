"""Settings of the webhook."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from vcs.config import Settings
from vcs.settings_text import BadSettings

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
URL = "https://core.example/decisions"


def test_nobody_is_told_by_default(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).webhook_key is None


def test_a_secret_as_receivers_have_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, webhook_url=URL, webhook_secret=SECRET)
    assert settings.webhook_key == KEY
    assert SECRET not in repr(settings)
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    assert Settings(data_dir=tmp_path, webhook_url=URL, webhook_secret_file=file).webhook_key == KEY


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!", SECRET[6:], "whsec_c2hvcnQ="])
def test_what_is_no_secret_is_not_shown(tmp_path: Path, secret: str) -> None:
    with pytest.raises(BadSettings) as caught:
        Settings(data_dir=tmp_path, webhook_url=URL, webhook_secret=secret)
    assert "webhook_secret" in str(caught.value)
    assert secret in ("", "whsec_") or secret not in str(caught.value)


@pytest.mark.parametrize("url", ["core.example", "ftp://core.example", "https://u:p@core.example"])
def test_what_is_no_url(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadSettings):
        Settings(data_dir=tmp_path, webhook_url=url, webhook_secret=SECRET)


def test_a_secret_alone_tells_nobody(tmp_path: Path) -> None:
    with pytest.raises(BadSettings):
        Settings(data_dir=tmp_path, webhook_secret=SECRET)
