"""Pairing codes: eight letters and digits that a person reads off one screen and types at another.

40 bits in Crockford's base 32, shown XXXX-XXXX. So few bits are safe because a code lives ten
minutes, works once, is guessed at only a few times a minute, and is stored as a keyed hash.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 8
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_PURPOSE: Final = b"vcs booth pairing code\0"


def new_code() -> str:
    """As a person sees it: `7K2M-9QXA`."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{code[:4]}-{code[4:]}"


def read_code(typed: str) -> str | None:
    """The eight characters, whatever case, dashes and look-alikes were typed; None for no code."""
    code = typed.upper().translate(_READ_AS)
    if len(code) != LENGTH or any(character not in ALPHABET for character in code):
        return None
    return code


def code_hash(code: str, key: bytes) -> str:
    """HMAC-SHA256 under the server's secret: a stolen database gives no code away. `code` as
    `read_code` returns it."""
    return hmac.new(key, _PURPOSE + code.encode("ascii"), hashlib.sha256).hexdigest()
