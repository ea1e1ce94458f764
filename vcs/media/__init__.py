"""RTP and RTCP as values: parsers and state machines without input or output."""
