"""What may stand in the settings `webhook_...`. No message shows the secret."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from vcs.settings_text import BadSettings

HIDDEN: Final = "(not shown)"
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 (the beginning of every secret)
KEY_OCTETS: Final = (24, 64)
_ALLOWED: Final = "{}, then base64 of {} to {} octets".format(SECRET_PREFIX, *KEY_OCTETS)


def check_webhook(url: str, secret: str, secret_file: Path | None) -> None:
    """Raises `BadSettings` for what is not in order."""
    if not url:
        if secret or secret_file is not None:
            raise BadSettings("webhook_url", "nothing", "a URL, when there is a webhook_secret")
        return
    try:
        parts = urlsplit(url)
        in_order = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        in_order = False
    if not in_order or parts.username is not None:
        raise BadSettings("webhook_url", url, "http://HOST/... or https://HOST/..., without a name")
    webhook_key(secret, secret_file)


def webhook_key(secret: str, secret_file: Path | None) -> bytes:
    """The key in the secret itself, or in what the file holds (Standard Webhooks 1.0).

    Raises `BadSettings`.
    """
    key = "webhook_secret"
    if secret_file is not None:
        key = "webhook_secret_file"
        if secret:
            raise BadSettings(key, str(secret_file), "either this or webhook_secret, not both")
        try:
            secret = secret_file.read_text("ascii").strip()
        except OSError as error:
            raise BadSettings(key, str(secret_file), f"a file ({error.strerror})") from error
        except UnicodeDecodeError:
            raise BadSettings(key, HIDDEN, _ALLOWED) from None
    try:
        found = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        found = b""
    low, high = KEY_OCTETS
    if not secret.startswith(SECRET_PREFIX) or not low <= len(found) <= high:
        raise BadSettings(key, HIDDEN, _ALLOWED)
    return found
