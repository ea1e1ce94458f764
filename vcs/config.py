"""The settings: one frozen value, read from `vcs.toml` and VCS_*, checked whole before a socket
opens. A key in the environment wins over the same key in the file."""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from vcs.logs import LEVELS
from vcs.media.description import SrtpProfile
from vcs.messages import IceServer
from vcs.settings_text import BadSettings, from_environment, from_file
from vcs.turn import Turn
from vcs.turn_settings import check_turn, shared_secret
from vcs.webhook_settings import check_webhook, webhook_key

DEFAULT_FILE: Final = Path("vcs.toml")
DATABASE_SCHEME: Final = "sqlite+aiosqlite:///"
POSTGRESQL_SCHEME: Final = "postgresql+asyncpg://"
ENVIRONMENT_PREFIX: Final = "VCS_"
NOT_SETTINGS: Final = frozenset({"VCS_CONFIG"})

__all__ = ["BadSettings", "Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Checked when made: an object of this type is in order.

    `media_port` and `http_port` 0 take any free port. `media_tcp`: media is taken over TCP too, on
    the number of `media_port`, from clients whose network has no UDP. `public_addresses` are told
    to clients as the server's media addresses; none: those of this machine. `origins` may open
    sockets and post beside the server's own. `officer_lost_s` and `peer_lost_s`: silence after
    which media counts as lost. `turn_urls` are TURN servers (see docs/turn.md) that share
    `turn_secret`, or what stands in `turn_secret_file`, with this one; clients get credentials
    that hold for `turn_lifetime_s`. `flows_dir` holds the claims that are
    served (docs/flows.md); none: those that come with the program. Decisions are told to
    `webhook_url`, signed with `webhook_secret` or what stands in `webhook_secret_file` (see
    docs/webhooks.md). `time_zone` is the branches' own, of the IANA database: it says when a day
    begins, for the queue's numbers and an officer's tally. A booth whose visitor has gone takes no
    ticket while its officer wraps up, for `wrap_up_s` at most. `metrics_to_all` opens /metrics to
    others than this machine.
    """

    http_host: str = "127.0.0.1"
    http_port: int = 8080
    media_host: tuple[str, ...] = ("0.0.0.0", "::")  # noqa: S104 (media is for the network)
    media_port: int = 41777
    media_tcp: bool = True
    public_addresses: tuple[str, ...] = ()
    server_id: str = "v1"
    data_dir: Path = Path("var")
    database_url: str = dataclasses.field(default="", repr=False)  # may hold a password
    flows_dir: Path | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    self_signed: bool = False
    origins: tuple[str, ...] = ()
    officer_lost_s: float = 1.5
    peer_lost_s: float = 6.0
    announce_limit_s: float = 60.0
    officer_video_to_all: bool = False
    ice_servers: tuple[IceServer, ...] = ()
    turn_urls: tuple[str, ...] = ()
    turn_secret: str = dataclasses.field(default="", repr=False)
    turn_secret_file: Path | None = None
    turn_lifetime_s: float = 43_200.0
    srtp_profiles: tuple[SrtpProfile, ...] = (
        SrtpProfile.AEAD_AES_128_GCM,
        SrtpProfile.AES128_CM_SHA1_80,
    )
    webhook_url: str = ""
    webhook_secret: str = dataclasses.field(default="", repr=False)
    webhook_secret_file: Path | None = None
    time_zone: str = "Asia/Jakarta"
    wrap_up_s: float = 180.0
    metrics_to_all: bool = False
    log_level: str = "info"

    def __post_init__(self) -> None:
        if not self.database_url:
            path = (self.data_dir / "vcs.db").absolute()
            object.__setattr__(self, "database_url", f"{DATABASE_SCHEME}{path}")
        _check(self)

    @property
    def tls(self) -> bool:
        """Whether pages are served over TLS."""
        return self.self_signed or self.tls_certificate is not None

    @property
    def turn(self) -> Turn | None:
        """The TURN servers with the secret, read anew; None when there are none.

        Raises `BadSettings`.
        """
        if not self.turn_urls:
            return None
        secret = shared_secret(self.turn_secret, self.turn_secret_file)
        return Turn(self.turn_urls, secret, self.turn_lifetime_s)

    @property
    def webhook_key(self) -> bytes | None:
        """What decisions are signed with; None when nobody is told. Raises `BadSettings`."""
        if not self.webhook_url:
            return None
        return webhook_key(self.webhook_secret, self.webhook_secret_file)

    @property
    def zone(self) -> ZoneInfo:
        """The branches' time zone."""
        return ZoneInfo(self.time_zone)

    def replace(self, **changes: Any) -> Settings:
        """The same with some keys changed, checked again. Raises `BadSettings`."""
        if (
            "data_dir" in changes
            and self.database_url == Settings(data_dir=self.data_dir).database_url
        ):
            changes.setdefault("database_url", "")
        return dataclasses.replace(self, **changes)

    @classmethod
    def load(
        cls, file: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> Settings:
        """Read `file` (or `vcs.toml` of the working directory, when it is there), then VCS_*.

        Raises `BadSettings`.
        """
        if environment is None:
            environment = os.environ
        values: dict[str, Any] = {}
        if file is None and DEFAULT_FILE.exists():
            file = DEFAULT_FILE
        if file is not None:
            values.update(_read(file))
        for variable, text in environment.items():
            if variable.startswith(ENVIRONMENT_PREFIX) and variable not in NOT_SETTINGS:
                key = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
                values[key] = from_environment(_field_type(key, variable), variable, text)
        return cls(**values)

    def prepare_data_dir(self) -> None:
        """Make the data directory, for its owner alone, and see that files can be made in it.

        Raises `BadSettings`.
        """
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.data_dir):
                pass
        except OSError as error:
            raise BadSettings(
                "data_dir", str(self.data_dir), f"a directory to write to ({error.strerror})"
            ) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            table = tomllib.load(stream)
    except OSError as error:
        raise BadSettings("the settings file", str(file), f"a file ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings("the settings file", str(file), f"TOML ({error})") from error
    return {key: from_file(_field_type(key, key), key, value) for key, value in table.items()}


def _field_type(key: str, shown: str) -> str:
    for field in dataclasses.fields(Settings):
        if field.name == key:
            return str(field.type)
    known = ", ".join(field.name for field in dataclasses.fields(Settings))
    raise BadSettings("the name of a setting", shown, known)


# --- what is allowed ------------------------------------------------------------------------------


def _require(key: str, given: object, holds: bool, allowed: str) -> None:
    if not holds:
        raise BadSettings(key, given, allowed)


def _check(settings: Settings) -> None:
    _check_addresses(settings)
    _require(
        "server_id",
        settings.server_id,
        re.fullmatch(r"[A-Za-z0-9]{2,8}", settings.server_id) is not None,
        "2 to 8 letters and digits",
    )
    _check_database(settings.database_url)
    for key, low, high in (
        ("officer_lost_s", 0.2, 30.0),
        ("peer_lost_s", 3.0, 60.0),  # Chromium's checks come every 2.5 s
        ("announce_limit_s", 1.0, 600.0),
        ("wrap_up_s", 1.0, 3600.0),
    ):
        given = getattr(settings, key)
        _require(key, given, low <= given <= high, f"{low} to {high} seconds")
    _require(
        "srtp_profiles",
        [profile.name for profile in settings.srtp_profiles],
        0 < len(settings.srtp_profiles) == len(set(settings.srtp_profiles)),
        "one or more profiles, each once",
    )
    _require(
        "time_zone",
        settings.time_zone,
        _is_time_zone(settings.time_zone),
        "a time zone of the IANA database, as Asia/Jakarta, Asia/Makassar or Asia/Jayapura",
    )
    check_turn(
        settings.turn_urls,
        settings.turn_secret,
        settings.turn_secret_file,
        settings.turn_lifetime_s,
    )
    _require("log_level", settings.log_level, settings.log_level in LEVELS, ", ".join(LEVELS))
    check_webhook(settings.webhook_url, settings.webhook_secret, settings.webhook_secret_file)
    _check_tls(settings)


def _check_database(url: str) -> None:
    if url.startswith(POSTGRESQL_SCHEME):
        try:
            parts = urlsplit(url)
            in_order = len(parts.path) > 1 and parts.port != 0
        except ValueError:
            in_order = False
    else:
        path = url.removeprefix(DATABASE_SCHEME)
        in_order = path not in ("", url) and ":memory:" not in path
    _require(
        "database_url",
        url if "@" not in url else "an address with a password",
        in_order,
        f"{DATABASE_SCHEME}PATH or {POSTGRESQL_SCHEME}USER:PASSWORD@HOST/NAME",
    )


def _check_addresses(settings: Settings) -> None:
    host = settings.http_host
    _require(
        "http_host",
        host,
        _is_address(host)
        or re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", host) is not None,
        "an IP address or a host name",
    )
    for key in ("http_port", "media_port"):
        port = getattr(settings, key)
        _require(key, port, 0 <= port <= 65_535, "0 (any free port) to 65535")
    _require(
        "media_port",
        settings.media_port,
        not (settings.media_tcp and settings.media_port == settings.http_port != 0),
        "another number than http_port, unless media_tcp is false",
    )
    _require("media_host", [], len(settings.media_host) > 0, "one or more IP addresses")
    for key in ("media_host", "public_addresses"):
        for address in getattr(settings, key):
            _require(key, address, _is_address(address), "a list of IP addresses")
    for address in settings.public_addresses:
        _require(
            "public_addresses",
            address,
            not ipaddress.ip_address(address).is_unspecified,
            "addresses that clients can reach",
        )
    for origin in settings.origins:
        _require("origins", origin, _is_origin(origin), "https://HOST or http://HOST[:PORT]")
    for server in settings.ice_servers:
        for url in server.urls:
            _require(
                "ice_servers",
                url,
                url.split(":", 1)[0] in ("stun", "stuns", "turn", "turns") and ":" in url,
                "stun:HOST, turn:HOST or turns:HOST, with [:PORT]",
            )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True


def _is_origin(text: str) -> bool:
    """RFC 6454, section 6.2, as browsers write it: lower case, no path, no default port."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    return text == f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, default) else "")


def _check_tls(settings: Settings) -> None:
    certificate, key = settings.tls_certificate, settings.tls_key
    missing = "tls_key" if key is None else "tls_certificate"
    both = "a readable PEM file: tls_certificate and tls_key go together"
    _require(missing, None, (certificate is None) == (key is None), both)
    _require(
        "self_signed",
        True,
        not (settings.self_signed and certificate is not None),
        "false when tls_certificate is set",
    )
    for name, path in (("tls_certificate", certificate), ("tls_key", key)):
        if path is not None:
            _require(
                name, str(path), path.is_file() and os.access(path, os.R_OK), "a readable PEM file"
            )
