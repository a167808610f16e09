"""Measurements, each a command that prints one table."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def project_environment() -> dict[str, str]:
    """Return what a program of this project needs in order to run in another folder."""
    changes = {"PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8"}
    if os.environ.get("MNIST_DATA"):
        whole = Path(os.environ["MNIST_DATA"]).expanduser().resolve()
        changes["MNIST_DATA"] = str(whole)
    return {**os.environ, **changes}
