"""Bearer tokens: 256 random bits that a client keeps, of which the store keeps a hash alone."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

TOKEN_BYTES: Final = 32


def new_token() -> str:
    """43 characters that may stand in a URL, a cookie or JSON."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is stored and looked up. No salt and no stretching: 256 bits cannot be guessed, and
    looking up by hash tells a timing attacker nothing about the token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
