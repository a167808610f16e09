"""Write files so that each is complete or not there, and nothing else is left."""

import atexit
import contextlib
import errno
import os
import shutil
import signal
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from digits.errors import InputError

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be deleted: a lock, too
    fcntl = None

PREFIX = ".unfinished-"
# Ctrl-C, the system's request to end, and the end of the terminal (not on Windows).
SIGNALS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
]
_in_use: list["Staging"] = []


class Staging:
    """A temporary folder inside the folder that files are written to.

    Write each file to the path that `path` gives, then call `publish`. The lock on a
    file in it shows other runs that it is in use; what a killed run left is removed
    when the next one starts.
    """

    def __init__(self, folder: Path, *subfolders: str):
        """Make the temporary folder, and `folder` and its subfolders if needed.

        Raises:
            InputError: nothing can be written there.
        """
        self._places: dict[Path, Path] = {}
        try:
            for path in (folder, *(folder / name for name in subfolders)):
                path.mkdir(parents=True, exist_ok=True)
                if not os.access(path, os.W_OK):
                    raise PermissionError(errno.EACCES, "no permission", path)
            _remove_abandoned(folder)
            with _signals_later():
                self._make(folder)
                _in_use.append(self)
        except OSError as error:
            raise InputError(
                f"{error.filename or folder}: cannot be written ({error.strerror})"
            ) from error

    def _make(self, folder: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
        self._lock = (self.folder / "lock").open("w")
        if fcntl:
            with contextlib.suppress(OSError):  # some network drives have no locks
                fcntl.flock(self._lock, fcntl.LOCK_EX)
        if not self.folder.exists():  # another run saw it before it was locked
            self._lock.close()
            self._make(folder)

    def path(self, target: Path) -> Path:
        """Return where to write the file, or folder, that is to become `target`."""
        place = self.folder / str(len(self._places)) / target.name
        place.parent.mkdir()
        self._places[place] = target
        return place

    @property
    def targets(self) -> list[Path]:
        """The paths given to `path`, in their order."""
        return [*self._places.values()]

    def publish(self) -> None:
        """Move all that was written to its place, in the place of what was there.

        Raises:
            InputError: a folder is where a file belongs, or the other way round.
        """
        for place, target in self._places.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists() and target.is_dir() != place.is_dir():
                raise InputError(f"{target}: is in the way; move it away")
        with _signals_later():
            for place, target in self._places.items():
                if not target.is_dir():
                    _replace(place, target)
                    continue
                # A folder cannot be replaced in one step. Beside its place the old
                # one outlives even a kill between the two.
                old = target.with_name(f"{target.name}.old-{self.folder.name[-8:]}")
                target.rename(old)
                place.rename(target)
                shutil.rmtree(old)

    def remove(self) -> None:
        """Remove the temporary folder with whatever was not published."""
        if self in _in_use:
            _in_use.remove(self)
        self._lock.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Staging":
        return self

    def __exit__(self, kind, error, traceback) -> None:
        """Publish if all went well; remove the temporary folder in any case."""
        try:
            if kind is None:
                self.publish()
        finally:
            self.remove()


def regular_file(path: Path) -> Path:
    """Return `path` if it is a regular file: a pipe or a device may have no end.

    Raises:
        InputError: it is missing, cannot be reached, or is something else.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        raise InputError(f"{path}: not a regular file")
    return path


@atexit.register
def remove_all() -> None:
    """Remove the temporary folders of this process before it ends."""
    for staging in [*_in_use]:
        staging.remove()


def _replace(place: Path, target: Path) -> None:
    try:
        place.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copyfile(place, target)  # plots/ may be on another disk


@contextlib.contextmanager
def _signals_later() -> Iterator[None]:
    """Hold back Ctrl-C and its like until the block has ended."""
    if threading.current_thread() is not threading.main_thread():
        yield  # where Python delivers no signals anyway
        return
    came = []
    before = {
        number: signal.signal(number, lambda number, _: came.append(number))
        for number in SIGNALS
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def _remove_abandoned(folder: Path) -> None:
    for left in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # in use, or gone
            if fcntl:
                with (left / "lock").open() as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(left)
            else:
                (left / "lock").unlink()
                shutil.rmtree(left)
