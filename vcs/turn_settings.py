"""What may stand in the settings `turn_...`. No message shows the secret."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Final

from vcs.settings_text import BadSettings

HIDDEN: Final = "(not shown)"
SECRET_CHARACTERS: Final = (16, 256)
LIFETIME_S: Final = (60.0, 86_400.0)

# RFC 7065 section 3.1; a URL that a browser refuses would keep the page from connecting at all.
_URL: Final = re.compile(
    r"(?P<scheme>turns?):(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)"
    r"(:(?P<port>[0-9]{1,5}))?(\?transport=(udp|tcp))?"
)
_URL_ALLOWED: Final = "turn:HOST or turns:HOST, with [:PORT] and [?transport=udp or tcp]"
_SECRET_ALLOWED: Final = "{} to {} printable ASCII characters without spaces".format(
    *SECRET_CHARACTERS
)


def check_turn(
    urls: tuple[str, ...], secret: str, secret_file: Path | None, lifetime_s: float
) -> None:
    """Raises `BadSettings` for what is not in order, a secret that no file has included."""
    for url in urls:
        if not is_turn_url(url):
            raise BadSettings("turn_urls", url, _URL_ALLOWED)
    low, high = LIFETIME_S
    if not low <= lifetime_s <= high:
        raise BadSettings("turn_lifetime_s", lifetime_s, f"{low} to {high} seconds")
    if urls:
        shared_secret(secret, secret_file)
    elif secret or secret_file is not None:
        raise BadSettings("turn_urls", [], "one or more TURN servers, when there is a turn_secret")


def is_turn_url(text: str) -> bool:
    """Whether browsers take this as the URL of a TURN server."""
    match = _URL.fullmatch(text)
    if match is None:
        return False
    if match["host"].startswith("["):
        try:
            ipaddress.IPv6Address(match["host"][1:-1])
        except ValueError:
            return False
    return match["port"] is None or 0 < int(match["port"]) < 1 << 16


def shared_secret(secret: str, secret_file: Path | None) -> str:
    """The secret itself, or what the file holds (a line end after it does not count).

    Raises `BadSettings`.
    """
    if secret_file is None:
        key = "turn_secret"
        if not secret:
            raise BadSettings(key, "nothing", "the TURN server's static-auth-secret")
    else:
        key = "turn_secret_file"
        if secret:
            raise BadSettings(key, str(secret_file), "either this or turn_secret, not both")
        try:
            secret = secret_file.read_text("ascii").strip()
        except OSError as error:
            raise BadSettings(key, str(secret_file), f"a file ({error.strerror})") from error
        except UnicodeDecodeError:
            raise BadSettings(key, HIDDEN, _SECRET_ALLOWED) from None
    low, high = SECRET_CHARACTERS
    if not (low <= len(secret) <= high and re.fullmatch(r"[!-~]+", secret)):
        raise BadSettings(key, HIDDEN, _SECRET_ALLOWED)
    return secret
