"""A worker that says it is ready and never answers."""

from __future__ import annotations

import sys
import time

head = b"{}"
sys.stdout.buffer.write(len(head).to_bytes(4, "big") + head)
sys.stdout.buffer.flush()
time.sleep(600)
