"""Keep what a run made: every file whole, all at once, a record beside the model."""

import contextlib
import hashlib
import json
import secrets
import signal
import threading
from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from digits import devices
from digits.command_line import versions
from digits.dataset import Digits
from digits.errors import UnusableInput
from digits.measures import Epoch, Misread, wilson_interval

SCHEMA_VERSION = 1
PLOT_BYTES = 500_000  # more than any picture takes
BYTES_PER_PARAMETER = 16  # float32: the weight, up to two optimizer slots, one spare


class Files(NamedTuple):
    """The paths of a run's files: the model, its record, and each plot by its name."""

    model: Path
    record: Path
    plots: dict[str, Path]

    def paths(self) -> list[Path]:
        """Return all of them, in one order."""
        return [self.model, self.record, *self.plots.values()]

    def with_paths(self, paths: list[Path]) -> "Files":
        """Return the same files at other paths, given in the order of `paths`."""
        model, record, *plots = paths
        return Files(model, record, dict(zip(self.plots, plots, strict=True)))


def prepare(folder: Path, name: str, plots: tuple[str, ...], parameters: int) -> Files:
    """Return the paths of a run's files below `folder`, sure that they can be written.

    Makes the folders, and proves by writing as many bytes as a model of this many
    parameters and its plots may take, and deleting them, that there is room.

    Of several processes, only the first writes, and only it looks here.

    Raises:
        UnusableInput: a folder cannot be made or written, is full, or a file's place
            is taken by something that is not a file.
    """
    models, pictures = folder / "saved_models", folder / "plots"
    files = Files(
        models / f"{name}.keras",
        models / f"{name}.json",
        {plot: pictures / f"{name}_{plot}.png" for plot in plots},
    )
    if not devices.leads():
        return files
    needed = {
        models: parameters * BYTES_PER_PARAMETER + PLOT_BYTES,
        pictures: len(plots) * PLOT_BYTES,
    }
    try:
        with contextlib.ExitStack() as probes:  # both at once: they share a disk
            for place, size in needed.items():
                place.mkdir(parents=True, exist_ok=True)
                _fill(probes, place / f".room.{secrets.token_hex(4)}", size)
    except OSError as error:
        raise UnusableInput(
            f"{error.filename or folder}: cannot write there ({error.strerror});"
            " --output-dir names another folder"
        ) from error
    check_places(files.paths())
    return files


def check_places(paths: list[Path]) -> None:
    """Raise UnusableInput if something that is not a file takes a file's place."""
    for path in paths:
        if path.exists() and not path.is_file():
            raise UnusableInput(f"{path}: in the way of a file to be written")


def _fill(probes: contextlib.ExitStack, path: Path, size: int) -> None:
    probes.callback(path.unlink, missing_ok=True)
    with path.open("xb") as probe:
        for start in range(0, size, 2**20):
            probe.write(bytes(min(2**20, size - start)))
    # The write above may sit in a buffer: close() has reported a full disk by now.


@contextlib.contextmanager
def all_or_none(files: Files) -> Iterator[Files]:
    """Give temporary paths for a run's files, as `whole` does."""
    with whole(files.paths()) as unfinished:
        yield files.with_paths(unfinished)


@contextlib.contextmanager
def whole(paths: list[Path]) -> Iterator[list[Path]]:
    """Give temporary paths to write to; move them all to their places at the end.

    They are hidden names in the same folders, in the same order. When the block fails
    or is interrupted, the temporary files are deleted and those of an earlier run stay
    as they were.
    """
    mark = secrets.token_hex(4)
    unfinished = [path.with_name(f".{path.stem}.{mark}{path.suffix}") for path in paths]
    try:
        yield unfinished
        with _no_interrupt():
            for source, target in zip(unfinished, paths, strict=True):
                source.replace(target)
    finally:
        for path in unfinished:
            # Nothing there, or no folder it could be in: nothing to delete.
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                path.unlink()


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    """Let Ctrl-C pass unheard for the instant in which files move to their places."""
    if threading.current_thread() is not threading.main_thread():
        yield  # where Python delivers no signals anyway
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def write_record(
    files: Files,
    name: str,
    *,
    model_input: str,
    model_output: str,
    data: Digits,
    options: Namespace,
    epochs: list[Epoch],
    misread: list[Misread],
    seconds: dict[str, float],
) -> None:
    """Write the JSON record of a run to `files.record`; the README documents it.

    Args:
        files: where the model has been written and the record goes.
        name: the model's file name, as it will be.
        model_input, model_output: what the saved model takes and gives, in words.
        data: the images the run used.
        options: the command line's, with epochs resolved to a number.
        epochs: what was measured after each epoch.
        misread: the misread test images, as `digits.measures.find_misread` gives them.
        seconds: what took how long.
    """
    test_images = len(data.x_test)
    correct = test_images - len(misread)
    record = {
        "schema_version": SCHEMA_VERSION,
        "model": {
            "file": name,
            "sha256": hashlib.sha256(files.model.read_bytes()).hexdigest(),
            "input": model_input,
            "output": model_output,
        },
        "data": {
            "name": data.name,
            "verified_original_mnist": data.verified,
            "origin": data.origin,
            "sha256": data.sha256,
            "train_images": len(data.x_train),
            "test_images": test_images,
        },
        "hyper_parameters": {
            key: getattr(options, key)
            for key in ("epochs", "batch_size", "hidden_units", "optimizer")
        },
        "seed": options.seed,
        "epochs": [
            {"epoch": number, **epoch._asdict()}
            for number, epoch in enumerate(epochs, start=1)
        ],
        "test": {
            "accuracy": correct / test_images,
            "wilson_interval_95": wilson_interval(correct, test_images),
            "correct": correct,
            "images": test_images,
        },
        "misread": [mistake._asdict() for mistake in misread],
        "seconds": {key: round(value, 3) for key, value in seconds.items()},
        **devices.describe(),
        "versions": versions(),
        "time_utc": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    text = json.dumps(record, indent=2, ensure_ascii=False)
    files.record.write_text(text + "\n", encoding="utf-8")
