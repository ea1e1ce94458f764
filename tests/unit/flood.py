"""A stranger as a program of his own: so many datagrams a second, for so many seconds, at a port.

`python -m tests.unit.flood PORT PER_SECOND SECONDS UFRAG`; prints how many it has sent.
"""

from __future__ import annotations

import socket
import sys
import time

from tests.unit.test_hostile_datagrams import datagrams


def main(port: int, per_second: int, seconds: float, ufrag: str) -> int:
    thrown = [datagram for seed in range(20) for datagram in datagrams(seed, ufrag)]
    sent = 0
    began = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        while (passed := time.monotonic() - began) < seconds:
            while sent < passed * per_second:
                stranger.sendto(thrown[sent % len(thrown)], ("127.0.0.1", port))
                sent += 1
            time.sleep(0.002)
    return sent


if __name__ == "__main__":
    print(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
