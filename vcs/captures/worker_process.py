"""The process in which pictures are decoded: it may be slow, run out of memory or die.

Started by `workers` as `python -m vcs.captures.worker_process`; requests come on standard input,
replies go to standard output. A message is four octets of length, JSON of that length, and as many
octets of a picture as the JSON says. It ends when its input does.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import BinaryIO, Final

import msgspec

from vcs.captures.answers import BadPicture, BadRectangle, Reply, Request

MEMORY: Final = 1536 * 1024 * 1024
"""Address space: libraries take about 600 MB of it, the largest picture that is taken 400."""

NICENESS: Final = 10


def main() -> None:
    """Serve until the input ends."""
    _limit()
    # Imported under the limits, and before the first request is waited for.
    import cv2

    from vcs.captures.checks import examine
    from vcs.captures.derive import derive
    from vcs.captures.reading import read

    cv2.setNumThreads(1)
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    _write(replies, Reply())  # ready
    while (request := _request(requests)) is not None:
        data = requests.read(request.octets)
        if len(data) < request.octets:
            return
        picture = b""
        try:
            if request.subject is not None:
                reply = Reply(findings=examine(read(data), request.subject))
            else:
                picture = derive(data, request.quarter_turns, request.rectangle)
                reply = Reply(octets=len(picture))
        except BadPicture as fault:
            reply = Reply(bad=fault.code)
        except BadRectangle as fault:
            reply = Reply(bad_rectangle=str(fault))
        except (MemoryError, cv2.error):
            # Small on its way here, too large for this process: that is what a bomb is.
            reply = Reply(bad="picture.bomb")
        _write(replies, reply, picture)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # No picture of a visitor gets to the disk from here, not by a core dump either.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(NICENESS)


def _request(requests: BinaryIO) -> Request | None:
    length = requests.read(4)
    if len(length) < 4:
        return None
    return msgspec.json.decode(requests.read(int.from_bytes(length, "big")), type=Request)


def _write(replies: BinaryIO, reply: Reply, picture: bytes = b"") -> None:
    head = msgspec.json.encode(reply)
    replies.write(len(head).to_bytes(4, "big") + head + picture)
    replies.flush()


if __name__ == "__main__":
    main()
