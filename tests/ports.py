"""Free ports on loopback."""

import socket


def free_port() -> int:
    """Return a port that nothing listened on a moment ago."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
