"""What several tests need: tiny data, real data if there is any, running a program."""

import gzip
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from digits import cli, data
from digits.data import idx

PROJECT = cli.PROJECT
GZ_NAMES = [f"{stem}-ubyte.gz" for stem in data.IDX_STEMS]
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY"), "127.0.0.1:9")
NOT_INHERITED = ("MNIST_DATA", "MNIST_MIRROR", "KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL")


needs = {
    backend: pytest.mark.skipif(
        importlib.util.find_spec(backend) is None,
        reason=f"needs {backend}: pip install -r requirements/backends.txt",
    )
    for backend in cli.BACKENDS
}


def environment(**changes: str) -> dict[str, str]:
    """Return a newcomer's environment: no data, no network, no cache."""
    kept = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
    return {**kept, **NO_NETWORK, "KERAS_HOME": os.devnull, **changes}


def run_program(*arguments, cwd=PROJECT, **changes: str) -> subprocess.CompletedProcess:
    """Run `python ARGUMENTS...` to its end; keyword arguments go to its environment."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=600,
    )


def as_idx(array: np.ndarray) -> bytes:
    return idx.header(array.shape) + array.tobytes()


def write_idx_folder(folder: Path, arrays: dict[str, np.ndarray]) -> Path:
    """Write the four arrays as MNIST's four .gz files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(GZ_NAMES, arrays.values(), strict=True):
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


@pytest.fixture
def tiny_is_mnist(tiny, monkeypatch) -> dict[str, np.ndarray]:
    """The tiny data, taken for the original MNIST: no real data is needed."""
    hashes = {key: idx.sha256(array) for key, array in tiny.items()}
    monkeypatch.setattr(data, "ORIGINAL_SHA256", hashes)
    return tiny


@pytest.fixture(scope="session")
def mnist() -> Path:
    """The folder with real MNIST that MNIST_DATA names; skips where there is none."""
    folder = os.environ.get("MNIST_DATA") or "no-such-folder"
    if not Path(folder).is_dir():
        pytest.skip("needs real MNIST: set MNIST_DATA to the folder of its files")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def lessons(tmp_path_factory) -> dict[str, tuple]:
    """Each lesson run on optdigits: its output folder and its finished process."""
    folder = tmp_path_factory.mktemp("lessons")
    options = ("--data", "optdigits", "--epochs", "40", "--output-dir", folder)
    runs = {
        name: (folder, run_program(PROJECT / f"{name}.py", *options, cwd=folder))
        for name in ("hello_mnist", "binary_zero_one")
    }
    for _, process in runs.values():
        assert process.returncode == 0, process.stderr
    return runs


@pytest.fixture(scope="session")
def saved_models(lessons) -> dict[str, Path]:
    """The model that each lesson saves, trained on optdigits."""
    return {
        name: folder / "saved_models" / f"{name}-optdigits.keras"
        for name, (folder, _) in lessons.items()
    }


@pytest.fixture(scope="session")
def mnist_models(mnist, tmp_path_factory) -> dict[str, Path]:
    """The model that each lesson saves, trained on real MNIST."""
    folder = tmp_path_factory.mktemp("mnist")
    for name in ("hello_mnist", "binary_zero_one"):
        process = run_program(f"{name}.py", "--data", mnist, "--output-dir", folder)
        assert process.returncode == 0, process.stderr
    return {path.stem: path for path in folder.glob("saved_models/*.keras")}
