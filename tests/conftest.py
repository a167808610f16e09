"""What several tests need: tiny data, real data if there is any, running a lesson."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from digits import dataset, idx

PROJECT = Path(__file__).parents[1]
GZ_NAMES = [f"{stem}-ubyte.gz" for stem in dataset.IDX_STEMS]


def as_idx(array: np.ndarray) -> bytes:
    return idx.header(array.shape) + array.tobytes()


def write_idx_folder(folder: Path, arrays: dict[str, np.ndarray]) -> Path:
    """Write the four arrays as MNIST's four .gz files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(GZ_NAMES, arrays.values(), strict=True):
        (folder / name).write_bytes(gzip.compress(as_idx(array)))
    return folder


def data_source() -> str:
    """Return what to give --data: real MNIST if there is any, else optdigits."""
    folder = os.environ.get("MNIST_DATA")
    return str(Path(folder).resolve()) if folder else "optdigits"


def lesson_environment(**changes: str) -> dict[str, str]:
    """Return this process's environment without what would steer a lesson's data.

    Every download fails at once: the proxy it names does not exist.
    """
    kept = {
        key: value
        for key, value in os.environ.items()
        if key
        not in ("MNIST_DATA", "MNIST_MIRROR", "PYTHONPATH", "TF_CPP_MIN_LOG_LEVEL")
    }
    dead = "http://127.0.0.1:9"
    return {**kept, "https_proxy": dead, "HTTPS_PROXY": dead, **changes}


def run_lesson(script: str, *arguments, cwd: Path, **environment: str):
    """Run a lesson as a user does; return the finished process with its output."""
    return subprocess.run(
        [sys.executable, PROJECT / script, *map(str, arguments)],
        cwd=cwd,
        env=lesson_environment(KERAS_HOME=str(cwd / "keras"), **environment),
        capture_output=True,
        text=True,
        timeout=600,
    )


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
def tiny_is_mnist(tiny, monkeypatch):
    """Make the tiny data the "original MNIST", so that no real data is needed."""
    hashes = {key: dataset._sha256(array) for key, array in tiny.items()}
    monkeypatch.setattr(dataset, "ORIGINAL_SHA256", hashes)
    return tiny


@pytest.fixture(scope="session")
def mnist() -> Path:
    """The folder with real MNIST that MNIST_DATA names; skips where there is none."""
    folder = os.environ.get("MNIST_DATA", "")
    if not Path(folder or "no-such-folder").is_dir():
        pytest.skip("needs real MNIST: MNIST_DATA must name the folder of its files")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def saved_models(tmp_path_factory) -> dict[str, Path]:
    """The model that each lesson saves, trained on MNIST if there is any."""
    folder = tmp_path_factory.mktemp("trained")
    found = {}
    for lesson in ("hello_mnist", "binary_zero_one"):
        options = ("--quiet", "--data", data_source(), "--output-dir", folder)
        assert run_lesson(f"{lesson}.py", *options, cwd=folder).returncode == 0
        (found[lesson],) = folder.glob(f"saved_models/{lesson}*.keras")
    return found


@pytest.fixture(scope="session")
def digits_data() -> dataset.Digits:
    """MNIST if there is any, else optdigits."""
    return dataset.load(data_source())
