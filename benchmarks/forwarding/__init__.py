"""What forwarding costs and how long it takes: ours beside Janus and beside a bare copy."""
