"""examples/predict_image.py: from a picture to a number, and no file replaced."""

import os
import re
import sys

import numpy as np
import pytest
from conftest import run_program
from PIL import Image

pytest.importorskip("skimage", reason="needs requirements/examples.txt")

from benchmarks.handwriting import photograph, row
from digits import optdigits
from examples import predict_image


def test_the_command(saved_models, tmp_path):
    """As a user runs it: odd names, bad files, an output that is ASCII only."""
    rng = np.random.default_rng(0)
    names = {0: "数字", 1: "$x_{2$", 2: os.fsdecode(b"n\xe9")}
    photos, show = tmp_path / "photos", tmp_path / "show.png"
    photos.mkdir()
    _, (images, labels) = optdigits.load_data()
    of_digit = [images[labels == digit] for digit in range(10)]
    for digit, (first, second, *_) in enumerate(of_digit):
        photograph(first, rng).save(photos / f"{names.get(digit, digit)}.jpg")
        photograph(second, rng).save(photos / f"{digit}_1.jpg")
    number = [of_digit[digit][3] for digit in (2, 0, 4)]
    photo = photograph(row(number, np.random.default_rng(0)), np.random.default_rng(0))
    photo.save(photos / "row.png")
    bar = np.pad(np.zeros((20, 260), np.uint8), 30, constant_values=255)
    Image.fromarray(bar).save(photos / "bar.png")
    (photos / "broken.png").write_bytes(b"no picture")

    options = ("--model", saved_models["hello_mnist"], "--show", show)
    command = ("-m", "examples.predict_image", photos, photos / "none.png", *options)
    process = run_program(*command, PYTHONIOENCODING="ascii")
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
        r"/(.)[^/]*\.jpg: (\d) +([\d.]+)%   \d +([\d.]+)%", process.stdout
    )
    assert len(predictions) == 20
    assert sum(name == digit for name, digit, _, _ in predictions) >= 13
    assert all(float(p) >= float(q) for _, _, p, q in predictions)

    (of_bar,) = (line for line in lines if "bar.png: " in line)
    assert "   warning: it is wide, as digits that touch" in of_bar
    (of_row,) = (line for line in lines if "row.png: " in line)
    text = of_row.partition("row.png: ")[2]
    assert re.match(r"204   lowest [\d.]+%:   2 .*%   0 .*%   4 ", text)
    lowest, *each = map(float, re.findall(r"([\d.]+)%", text))
    assert lowest == min(each)


def test_refusals_before_any_work(monkeypatch, capsys, tmp_path):
    one, empty, show = (tmp_path / name for name in ("one.png", "empty", "show.png"))
    Image.fromarray(np.pad(np.full((20, 4), 255, np.uint8), (4, 12))).save(one)
    empty.mkdir()
    before = one.read_bytes()
    for picture, target, message in (
        (one, one, "one.png: exists already; remove it, or choose another name"),
        (empty, show, "empty: no pictures in this folder"),
    ):
        options = ["predict_image", picture, "--show", target]
        monkeypatch.setattr(sys, "argv", [*map(str, options)])
        with pytest.raises(SystemExit, match=message):
            predict_image.main()
    assert one.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [empty, one]
    assert capsys.readouterr().out == ""
