"""What several tests need: tiny data, real data if there is any, running a program."""

import contextlib
import gzip
import importlib.util
import io
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.seeds import with_settings
from digits import optdigits

PROJECT = Path(__file__).resolve().parents[1]
IDX_NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
QUICK = {"epochs": 5, "batch_size": 16}  # what a program needs to learn optdigits
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY"), "127.0.0.1:9")
NOT_INHERITED = ("MNIST_DATA", "MNIST_MIRROR", "KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL")

needs = {
    backend: pytest.mark.skipif(
        importlib.util.find_spec(backend) is None,
        reason=f"needs {backend}: pip install -r requirements/all.txt",
    )
    for backend in ("jax", "torch")
}


def newcomer_environment(**changes: str) -> dict[str, str]:
    """Return a newcomer's environment: no data, no network, no cache."""
    kept = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
    project = {"PYTHONPATH": str(PROJECT), "KERAS_HOME": os.devnull}
    return {**kept, **NO_NETWORK, **project, **changes}


def run_program(*arguments, cwd=PROJECT, **changes: str) -> subprocess.CompletedProcess:
    """Run `python ARGUMENTS...` to its end; keyword arguments go to its environment."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=newcomer_environment(**changes),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )


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
    for name, array in zip(IDX_NAMES, arrays.values(), strict=True):
        (folder / name).write_bytes(gzip.compress(as_idx(array)))
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
    import matplotlib

    matplotlib.use("agg")
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


@pytest.fixture(scope="session")
def mnist_models(mnist, tmp_path_factory) -> dict[str, Path]:
    """The model that each program saves, trained on real MNIST."""
    folder = tmp_path_factory.mktemp("mnist")
    for name in ("hello_mnist", "binary_zero_one"):
        program = shutil.copy(PROJECT / f"{name}.py", folder)
        process = run_program(program, cwd=folder, MNIST_DATA=str(mnist))
        assert process.returncode == 0, process.stderr
    return {path.stem: path for path in folder.glob("saved_models/*.keras")}
