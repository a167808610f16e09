"""What several tests need: tiny data, real data if there is any, running a program."""

import contextlib
import gzip
import importlib.util
import io
import os
import runpy
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from benchmarks.seeds import with_settings
from digits import NAMES, optdigits

matplotlib.use("agg")  # for the programs that tests run in their own process
PROJECT = Path(__file__).resolve().parents[1]
QUICK = {"epochs": 5, "batch_size": 16}  # what a program needs to learn optdigits
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY"), "127.0.0.1:9")
NOT_INHERITED = ("MNIST_DATA", "MNIST_MIRROR", "KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL")


def need(package: str) -> None:
    """Skip the test where a package is missing, which is not imported here."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"needs {package}: pip install -r requirements/all.txt")


def run_program(*arguments, cwd=PROJECT, fails=False, **changes: str):
    """Run `python ARGUMENTS...` to its end, without data, network or cache.

    Other keyword arguments go to its environment. Returns a CompletedProcess.
    """
    kept = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
    project = {"PYTHONPATH": str(PROJECT), "KERAS_HOME": os.devnull}
    process = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**kept, **NO_NETWORK, **project, **changes},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    assert (process.returncode != 0) == fails, process.stderr
    return process


def write_program(folder: Path, path: str, **constants) -> Path:
    """Copy a program, named from the project's folder on, with other constants."""
    text = (PROJECT / path).read_text(encoding="utf-8")
    settings = [f"{name}={value!r}" for name, value in constants.items()]
    copy = folder / Path(path).name
    copy.write_text(with_settings(text, settings), encoding="utf-8")
    return copy


def as_idx(array: np.ndarray) -> bytes:
    """Return a uint8 array as an unpacked IDX file."""
    shape = np.array(array.shape, ">i4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + shape + array.tobytes()


def write_idx_folder(folder: Path, arrays: dict[str, np.ndarray]) -> Path:
    """Write x_train, y_train, x_test, y_test as MNIST's four .gz files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(NAMES, arrays.values(), strict=True):
        (folder / f"{name}.gz").write_bytes(gzip.compress(as_idx(array)))
    return folder


@pytest.fixture
def tiny() -> dict[str, np.ndarray]:
    """Forty training and twenty test images of noise, two or four of each digit."""
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (40, 28, 28), np.uint8),
        "y_train": np.tile(np.arange(10, dtype=np.uint8), 4),
        "x_test": rng.integers(0, 256, (20, 28, 28), np.uint8),
        "y_test": np.tile(np.arange(10, dtype=np.uint8), 2),
    }


@pytest.fixture(scope="session")
def mnist() -> Path:
    """The folder with real MNIST that MNIST_DATA names; skips where there is none."""
    folder = os.environ.get("MNIST_DATA") or "no-such-folder"
    if not Path(folder).is_dir():
        pytest.skip("needs real MNIST: set MNIST_DATA to the folder of its files")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def optdigits_file(tmp_path_factory) -> Path:
    """The substitute digits as an .npz file, for MNIST_DATA."""
    (x_train, y_train), (x_test, y_test) = optdigits.load_data()
    path = tmp_path_factory.mktemp("data") / "optdigits.npz"
    np.savez(path, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return path


@pytest.fixture(scope="session")
def programs(optdigits_file, tmp_path_factory) -> dict[str, tuple[Path, str]]:
    """Both programs run on optdigits: the folder, and what was printed."""
    runs = {}
    for name in ("hello_mnist", "binary_zero_one"):
        folder = tmp_path_factory.mktemp(name)
        program = write_program(folder, f"{name}.py", **QUICK)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            patch.setenv("MNIST_DATA", str(optdigits_file))
            with contextlib.redirect_stdout(io.StringIO()) as screen:
                runpy.run_path(str(program))
        runs[name] = folder, screen.getvalue()
    return runs


@pytest.fixture(scope="session")
def saved_models(programs) -> dict[str, Path]:
    """The model that each program saves, trained on optdigits."""
    folders = [folder for folder, _ in programs.values()]
    return {path.stem: path for f in folders for path in f.glob("saved_models/*")}
