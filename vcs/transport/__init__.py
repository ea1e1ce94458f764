"""One UDP port becomes authenticated peers: ICE-lite, DTLS and SDP, and the client's side of them.

aiortc, aioice and OpenSSL are reached here and nowhere else.
"""
