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
from examples import handwriting, predict_image, saved


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

    options = ("--model", saved_models["hello_mnist"], "--show", show)
    program = "examples/predict_image.py"
    process = run_program(
        program, photos, photos / "none.png", *options, PYTHONIOENCODING="ascii"
    )
    assert process.returncode == 1
    errors = process.stderr.splitlines()
    assert len(errors) == 2
    assert "broken.png: not a readable picture" in errors[0]
    assert errors[1] == f"{photos / 'none.png'}: no such file"

    *lines, written = process.stdout.splitlines()
    assert written == f"Written: {show}"
    with Image.open(show) as picture:
        assert picture.size == (900, len(lines) * 240)
    predictions = re.findall(
        r"/.[^/]*\.jpg: \d +([\d.]+)%   \d +([\d.]+)%", process.stdout
    )
    assert len(predictions) == 10
    assert all(float(p) >= float(q) for p, q in predictions)
    (of_bar,) = (line for line in lines if "bar.png: " in line)
    assert "   warning: it is wide, as digits that touch" in of_bar


@pytest.fixture
def run(monkeypatch, capsys):
    """Return a function that runs the program with a network that always says 7."""

    class Sevens:
        def probabilities(self, images):
            assert images.shape == (1, 28, 28)
            return np.eye(10, dtype=np.float32)[[7]]

    asked = []
    monkeypatch.setattr(
        saved, "load", lambda *options: asked.append(options) or Sevens()
    )

    def run(*options):
        monkeypatch.setattr(sys, "argv", ["predict_image", *map(str, options)])
        predict_image.main()
        return asked, capsys.readouterr()

    return run


def test_one_picture_too_large_for_memory_does_not_stop_the_others(
    run, monkeypatch, capsys, tmp_path
):
    one = tmp_path / "one.png"
    Image.fromarray(np.pad(np.full((20, 4), 255, np.uint8), (4, 12))).save(one)
    read = handwriting.read

    def read_or_fail(path):
        if path.name == "huge.png":
            raise MemoryError
        return read(path)

    monkeypatch.setattr(handwriting, "read", read_or_fail)
    with pytest.raises(SystemExit) as end:
        run(tmp_path / "huge.png", one, "--divide-by", "1")
    assert end.value.code == 1
    screen = capsys.readouterr()
    assert (
        screen.err == f"{tmp_path / 'huge.png'}: too little memory for this picture\n"
    )
    assert screen.out.startswith(f"{one}: 7 100.00%   ")


def test_refusals_before_any_work(run, capsys, tmp_path):
    one, empty, show = (tmp_path / name for name in ("one.png", "empty", "show.png"))
    Image.fromarray(np.pad(np.full((20, 4), 255, np.uint8), (4, 12))).save(one)
    empty.mkdir()
    before = one.read_bytes()
    for picture, target, message in (
        (one, one, "one.png: exists already; remove it, or choose another name"),
        (empty, show, "empty: no pictures in this folder"),
    ):
        with pytest.raises(SystemExit, match=message):
            run(picture, "--show", target)
    assert one.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [empty, one]
    assert capsys.readouterr().out == ""
    asked, screen = run(one, "--divide-by", "1")
    assert asked[0][1] == 1
    assert screen.out.startswith(f"{one}: 7 100.00%   ")
