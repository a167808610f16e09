"""Write files so that each is complete or not there, and nothing else is left."""

import atexit
import contextlib
import errno
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from digits.errors import InputError

PREFIX = ".unfinished-"
HOUR = 3600  # seconds
# Ctrl-C, the system's request to end, and the end of the terminal (not on Windows).
SIGNALS = [s for s in signal.Signals if s.name in ("SIGINT", "SIGTERM", "SIGHUP")]
_in_use: set["Staging"] = set()


class Staging:
    """A temporary folder inside the folder that files are written to.

    `with Staging(folder) as staging:` write each file to the path that `staging.path`
    gives. At the end of the block all of them are moved to their places; after an error
    none is. What a killed run has left is removed by a run an hour later.
    """

    def __init__(self, folder: Path, *subfolders: str):
        """Make the temporary folder, and `folder` and its subfolders if needed.

        Raises:
            InputError: nothing can be written there.
        """
        self.targets: dict[Path, Path] = {}  # by where each is written first
        try:
            for path in (folder, *(folder / name for name in subfolders)):
                path.mkdir(parents=True, exist_ok=True)
                if not os.access(path, os.W_OK):
                    raise PermissionError(errno.EACCES, "no permission", path)
            for left in folder.glob(f"{PREFIX}*"):
                with contextlib.suppress(OSError):  # its run removes it now
                    if left.stat().st_mtime < time.time() - HOUR:
                        shutil.rmtree(left)
            self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
        except OSError as error:
            raise InputError(
                f"{error.filename or folder}: cannot be written ({error.strerror})"
            ) from error
        _in_use.add(self)

    def path(self, target: Path) -> Path:
        """Return where to write the file, or folder, that is to become `target`."""
        place = self.folder / str(len(self.targets)) / target.name
        place.parent.mkdir(parents=True)  # another run may have removed an old folder
        self.targets[place] = target
        return place

    def remove(self) -> None:
        """Remove the temporary folder with whatever is still in it."""
        _in_use.discard(self)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Staging":
        return self

    def __exit__(self, kind, error, traceback) -> None:
        """Move the files if all went well; remove the temporary folder in any case.

        Raises:
            InputError: a folder is where a file belongs.
        """
        try:
            if kind is None:
                self._publish()
        finally:
            self.remove()

    def _publish(self) -> None:
        for target in self.targets.values():
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_dir():
                raise InputError(f"{target}: is a folder; move it away")
        with _signals_ignored():
            for place, target in self.targets.items():
                shutil.move(place, target)  # plots/ may be on another disk


def regular_file(path: Path) -> Path:
    """Return `path` if it is a regular file: a pipe or a device may have no end.

    Raises:
        InputError: it is missing, or is something else.
    """
    if not path.is_file():
        raise InputError(f"{path}: No such file, or not a regular file")
    return path


@atexit.register
def remove_all() -> None:
    """Remove the temporary folders of this process before it ends."""
    for staging in [*_in_use]:
        staging.remove()


@contextlib.contextmanager
def _signals_ignored() -> Iterator[None]:
    """Let Ctrl-C and its like pass for the milliseconds in which files are moved."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
