from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from vcs.config import BadSettings, Settings
from vcs.media.description import SrtpProfile
from vcs.messages import IceServer


def test_without_file_and_environment_only_this_machine_sees_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.load(environment={})
    assert settings.http_host == "127.0.0.1"
    assert settings.media_port == 41777
    assert settings.srtp_profiles[0] is SrtpProfile.AEAD_AES_128_GCM
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path}/var/vcs.db"
    assert not settings.tls


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "vcs.toml"
    file.write_text(
        """
        http_port = 9000
        media_port = 5000
        public_addresses = ["192.0.2.7", "2001:db8::7"]
        officer_lost_s = 2
        srtp_profiles = ["AES128_CM_SHA1_80"]
        origins = ["https://counter.example"]
        [[ice_servers]]
        urls = ["turn:turn.example:3478"]
        username = "u"
        credential = "c"
        """
    )
    environment = {
        "VCS_MEDIA_PORT": " 5001 ",
        "VCS_OFFICER_VIDEO_TO_ALL": "yes",
        "VCS_MEDIA_HOST": "127.0.0.1, ::1",
        "VCS_ORIGINS": "",
        "VCS_CONFIG": "elsewhere.toml",
        "PATH": "/bin",
    }
    settings = Settings.load(file, environment)
    assert (settings.http_port, settings.media_port) == (9000, 5001)
    assert settings.public_addresses == ("192.0.2.7", "2001:db8::7")
    assert settings.media_host == ("127.0.0.1", "::1")
    assert settings.officer_lost_s == 2.0
    assert settings.officer_video_to_all is True
    assert settings.origins == ()
    assert settings.srtp_profiles == (SrtpProfile.AES128_CM_SHA1_80,)
    assert settings.ice_servers == (
        IceServer(urls=["turn:turn.example:3478"], username="u", credential="c"),
    )


def test_ice_servers_of_the_environment_are_addresses() -> None:
    settings = Settings.load(environment={"VCS_ICE_SERVERS": "stun:a.example,turns:b.example:443"})
    assert [server.urls for server in settings.ice_servers] == [
        ["stun:a.example"],
        ["turns:b.example:443"],
    ]


@pytest.mark.parametrize(
    ("variable", "text", "allowed"),
    [
        ("VCS_HTTP_PORT", "eighty", "a whole number"),
        ("VCS_HTTP_PORT", "65536", "0 (any free port) to 65535"),
        ("VCS_MEDIA_PORT", "-1", "0 (any free port) to 65535"),
        ("VCS_HTTP_HOST", "not a host", "an IP address or a host name"),
        ("VCS_MEDIA_HOST", "localhost", "a list of IP addresses"),
        ("VCS_MEDIA_HOST", "", "one or more IP addresses"),
        ("VCS_PUBLIC_ADDRESSES", "0.0.0.0", "addresses that clients can reach"),
        ("VCS_SERVER_ID", "a", "2 to 8 letters and digits"),
        ("VCS_SERVER_ID", "with-dash", "2 to 8 letters and digits"),
        ("VCS_DATABASE_URL", "postgresql://x", "sqlite+aiosqlite:///PATH"),
        ("VCS_DATABASE_URL", "sqlite+aiosqlite:///:memory:", "sqlite+aiosqlite:///PATH"),
        ("VCS_DATABASE_URL", "postgresql+asyncpg://vcs@localhost", "USER:PASSWORD@HOST/NAME"),
        ("VCS_DATABASE_URL", "postgresql+asyncpg://localhost:x/vcs", "USER:PASSWORD@HOST/NAME"),
        ("VCS_SELF_SIGNED", "perhaps", "true or false"),
        ("VCS_OFFICER_LOST_S", "nan", "0.2 to 30.0 seconds"),
        ("VCS_PEER_LOST_S", "1", "3.0 to 60.0 seconds"),
        ("VCS_ANNOUNCE_LIMIT_S", "0", "1.0 to 600.0 seconds"),
        ("VCS_WRAP_UP_S", "0", "1.0 to 3600.0 seconds"),
        ("VCS_TIME_ZONE", "Mars/Base", "as Asia/Jakarta"),
        ("VCS_TIME_ZONE", "Asia", "as Asia/Jakarta"),
        ("VCS_TIME_ZONE", "../../etc/passwd", "as Asia/Jakarta"),
        ("VCS_ORIGINS", "https://a.example/path", "https://HOST"),
        ("VCS_ORIGINS", "https://a.example:443", "https://HOST"),
        ("VCS_ORIGINS", "*", "https://HOST"),
        ("VCS_ICE_SERVERS", "http://a.example", "stun:HOST"),
        ("VCS_SRTP_PROFILES", "NULL", "AEAD_AES_128_GCM"),
        ("VCS_SRTP_PROFILES", "", "one or more profiles"),
        ("VCS_LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("VCS_TLS_CERTIFICATE", "/nowhere.pem", "tls_certificate and tls_key go together"),
        ("VCS_HTP_PORT", "80", "http_port"),
    ],
)
def test_a_wrong_value_is_told_with_its_key_and_what_is_allowed(
    variable: str, text: str, allowed: str
) -> None:
    with pytest.raises(BadSettings) as wrong:
        Settings.load(environment={variable: text})
    told = str(wrong.value)
    assert allowed in told
    if variable != "VCS_HTP_PORT":
        key = variable.removeprefix("VCS_").lower().replace("tls_certificate", "tls_key")
        assert key in told.lower()
    else:
        assert variable in told


@pytest.mark.parametrize(
    "text",
    ["http_port = '80'", "http_port = true", "self_signed = 1", "origins = 'x'", "data_dir = 3"],
)
def test_a_wrong_type_in_the_file_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "vcs.toml"
    file.write_text(text)
    with pytest.raises(BadSettings, match=text.split(" ", 1)[0]):
        Settings.load(file, {})


@pytest.mark.parametrize("content", [b"= nonsense", b"\xff\xfe"])
def test_a_file_that_is_not_toml_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "vcs.toml"
    file.write_bytes(content)
    with pytest.raises(BadSettings, match="settings file"):
        Settings.load(file, {})
    with pytest.raises(BadSettings, match="No such file"):
        Settings.load(tmp_path / "other.toml", {})


def test_a_turn_password_stays_out_of_the_error(tmp_path: Path) -> None:
    file = tmp_path / "vcs.toml"
    file.write_text("ice_servers = [{urls = 7, credential = 'hush-hush'}]")
    with pytest.raises(BadSettings) as wrong:
        Settings.load(file, {})
    assert "hush" not in str(wrong.value)


def test_settings_are_frozen_and_replaced_whole(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.http_port = 1  # type: ignore[misc]
    moved = settings.replace(data_dir=tmp_path / "b")
    assert moved.database_url.endswith("/b/vcs.db")
    own = settings.replace(database_url=f"sqlite+aiosqlite:///{tmp_path}/own.db")
    assert own.replace(data_dir=tmp_path / "c").database_url.endswith("/own.db")
    with pytest.raises(BadSettings):
        settings.replace(http_port=-1)


def test_tls_files_go_together_and_exclude_a_self_signed_one(tmp_path: Path) -> None:
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    certificate.touch()
    with pytest.raises(BadSettings, match="tls_key"):
        Settings(tls_certificate=certificate, tls_key=key)
    key.touch()
    assert Settings(tls_certificate=certificate, tls_key=key).tls
    with pytest.raises(BadSettings, match="self_signed"):
        Settings(tls_certificate=certificate, tls_key=key, self_signed=True)


def test_the_data_directory_is_its_owners_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "a" / "b")
    settings.prepare_data_dir()
    assert settings.data_dir.stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(BadSettings, match="data_dir"):
        Settings(data_dir=tmp_path / "file").prepare_data_dir()


def test_pages_and_media_over_tcp_need_two_numbers() -> None:
    with pytest.raises(BadSettings, match="media_port"):
        Settings(http_port=8443, media_port=8443)
    assert Settings(http_port=8443, media_port=8443, media_tcp=False).media_tcp is False
    assert Settings(http_port=0, media_port=0).media_tcp is True
    with pytest.raises(BadSettings, match="MEDIA_TCP"):
        Settings.load(None, {"VCS_MEDIA_TCP": "perhaps"})


def test_a_postgresql_is_taken_and_its_password_is_never_shown() -> None:
    url = "postgresql+asyncpg://vcs:hush@db.example:5432/vcs"
    settings = Settings(database_url=url)
    assert settings.database_url == url
    assert "hush" not in repr(settings)
    with pytest.raises(BadSettings) as told:
        Settings(database_url="postgresql://vcs:hush@db.example/vcs")
    assert "hush" not in str(told.value)


def test_a_branch_is_in_jakarta_until_the_settings_say_otherwise() -> None:
    assert Settings().zone.key == "Asia/Jakarta"
    assert Settings.load(environment={"VCS_TIME_ZONE": "Asia/Jayapura"}).zone.key == "Asia/Jayapura"
    with pytest.raises(BadSettings, match="time_zone"):
        Settings(time_zone="Mars/Base")
