"""How long we wait for a server that hands out wheels, and how often we ask again; tests wait less."""

from typing import NamedTuple


class Patience(NamedTuple):
    """How long, and how often, one server is asked."""

    attempts: int = 6
    """In a row that bring nothing; with the pauses between them about eight seconds."""
    attempts_in_all: int = 40
    """Also where each brings a little."""
    pause: float = 0.25
    """Seconds before the second attempt; twice as many before each further one."""
    longest_pause: float = 60.0
    """Seconds; a server that asks for more (Retry-After) is given up."""
    read_timeout: float = 20.0
    """Seconds in which one byte has to come."""
    window: float = 30.0
    """Seconds in which an attempt has to end, its names, handshakes and redirects included, or to bring another
    ``window_bytes``: whatever else a server sends, it is left then."""
    window_bytes: int = 128 << 10
    """Bytes; in ``window`` about 4 KB a second, with which the largest wheel of all takes 17 hours."""
