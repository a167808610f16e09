"""examples/predict_image.py: from a picture to a digit, and no file replaced."""

import os
import re
import sys

import numpy as np
import pytest
from conftest import run_program
from PIL import Image

pytest.importorskip("skimage", reason="needs requirements/examples.txt")

from benchmarks.handwriting import photograph
from digits import optdigits
from examples import handwriting, predict_image


def test_the_command(saved_models, tmp_path):
    """As a user runs it: odd names, bad files, an output that is ASCII only."""
    rng = np.random.default_rng(0)
    names = {0: "数字", 1: "$x_{2$", 2: os.fsdecode(b"n\xe9")}
    photos, show = tmp_path / "photos", tmp_path / "show.png"
    photos.mkdir()
    _, (images, labels) = optdigits.load_data()
    for digit in range(10):
        photo = photograph(images[labels == digit][0], rng)
        photo.save(photos / f"{names.get(digit, digit)}.jpg")
    bar = np.pad(np.zeros((20, 260), np.uint8), 30, constant_values=255)
    Image.fromarray(bar).save(photos / "bar.png")
    (photos / "broken.png").write_bytes(b"no picture")
    (photos / "._bar.png").write_bytes(b"what macOS puts beside a picture")

    program = "examples/predict_image.py"
    options = ("--model", saved_models["hello_mnist"], "--show", show)
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    process = run_program(program, photos, *options, fails=True, **ascii_only)
    (broken,) = process.stderr.splitlines()
    assert "broken.png: not a readable picture" in broken

    *lines, written = process.stdout.splitlines()
    assert written == f"Written: {show}"
    with Image.open(show) as picture:
        assert picture.size == (900, len(lines) * 240)
    likeliest = r"\.jpg: \d +[\d.]+%   \d +[\d.]+%   \d "
    assert len(re.findall(likeliest, process.stdout)) == 10
    (of_bar,) = (line for line in lines if "bar.png: " in line)
    assert "   warning: it is wide, as digits that touch" in of_bar


@pytest.fixture
def run(saved_models, monkeypatch):
    """Return a function that runs the program in this process."""

    def run(*options):
        command = [*options, "--model", saved_models["hello_mnist"]]
        monkeypatch.setattr(sys, "argv", ["predict_image", *map(str, command)])
        predict_image.main()

    return run


@pytest.fixture
def one(tmp_path):
    path = tmp_path / "one.png"
    Image.fromarray(np.pad(np.full((20, 4), 255, np.uint8), (4, 12))).save(path)
    return path


def test_one_picture_too_large_for_memory_does_not_stop_the_others(
    run, one, monkeypatch, capsys
):
    read, huge = handwriting.read, one.with_name("huge.png")

    def read_or_fail(path):
        if path == huge:
            raise MemoryError
        return read(path)

    monkeypatch.setattr(handwriting, "read", read_or_fail)
    with pytest.raises(SystemExit, match="1"):
        run(huge, one)
    screen = capsys.readouterr()
    assert screen.err == f"{huge}: too little memory for this picture\n"
    assert screen.out.startswith(f"{one}: 1 ")


def test_refusals_before_any_work(run, one, tmp_path):
    before, empty = one.read_bytes(), tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SystemExit, match=r"one\.png: exists already"):
        run(one, "--show", one)
    assert one.read_bytes() == before
    with pytest.raises(SystemExit, match="empty: no pictures in this folder"):
        run(empty)
