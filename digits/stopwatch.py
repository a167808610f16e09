"""Where the seconds of a run go: every moment belongs to one phase."""

import time

seconds: dict[str, float] = {}
_last = time.perf_counter()


def lap(phase: str) -> None:
    """Add the time since the last call to a phase."""
    global _last
    now = time.perf_counter()
    seconds[phase] = seconds.get(phase, 0.0) + now - _last
    _last = now
