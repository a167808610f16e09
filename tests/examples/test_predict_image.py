"""examples/predict_image.py: from a picture to a number, and no file destroyed."""

import argparse
import os
import re

import numpy as np
import pytest
from conftest import run_program
from PIL import Image

pytest.importorskip("skimage", reason="needs requirements/examples.txt")

from benchmarks.handwriting import photograph, row
from digits import data
from digits.errors import InputError
from examples import predict_image


def predict(model, *pictures, show=None):
    options = argparse.Namespace(pictures=[*pictures], model=model, show=show)
    predict_image.main(options)


def test_the_command(saved_models, tmp_path):
    """As a user runs it: odd names, bad files, an output that is ASCII only."""
    rng = np.random.default_rng(0)
    names = {0: "数字", 1: "$x_{2$", 2: os.fsdecode(b"n\xe9")}
    photos, empty, show = (tmp_path / name for name in ("photos", "empty", "show.png"))
    photos.mkdir()
    empty.mkdir()
    test_images = data.load("optdigits")
    for digit in range(10):
        first, second = test_images.x_test[test_images.y_test == digit][:2]
        photograph(first, rng).save(photos / f"{names.get(digit, digit)}.jpg")
        photograph(second, rng).save(photos / f"{digit}_1.jpg")
    (photos / "broken.png").write_bytes(b"no picture")

    pictures = (photos, empty, photos / "none.png")
    options = ("--model", saved_models["hello_mnist"], "--show", show)
    command = ("-m", "examples.predict_image", *pictures, *options)
    process = run_program(*command, PYTHONIOENCODING="ascii")
    assert process.returncode == 1
    errors = process.stderr.splitlines()
    assert len(errors) == 3
    assert errors[0].endswith(f"error: {empty}: no pictures in this folder")
    assert "error: " in errors[1] and "broken.png: not a readable" in errors[1]
    assert "none.png: No such file" in errors[2]

    assert process.stdout.splitlines()[-1] == f"Written: {show}"
    predictions = re.findall(
        r"/(.)[^/]*\.jpg: (\d) +([\d.]+)%   \d +([\d.]+)%", process.stdout
    )
    assert len(predictions) == 20
    assert sum(name == digit for name, digit, _, _ in predictions) >= 13
    assert all(float(p) >= float(q) for _, _, p, q in predictions)
    with Image.open(show) as picture:
        assert picture.size == (900, 20 * 240)


def test_a_row_and_doubts(saved_models, capsys, tmp_path):
    """A row prints the number and each digit; a doubt is a warning, no failure."""
    test_images = data.load("optdigits")
    images = [test_images.x_test[test_images.y_test == digit][3] for digit in (2, 0, 4)]
    photo = photograph(row(images, np.random.default_rng(0)), np.random.default_rng(0))
    photo.save(tmp_path / "row.png")
    bar = np.pad(np.zeros((20, 260), np.uint8), 30, constant_values=255)
    Image.fromarray(bar).save(tmp_path / "bar.png")
    pictures, show = (tmp_path / "row.png", tmp_path / "bar.png"), tmp_path / "show.png"
    predict(saved_models["hello_mnist"], *pictures, show=show)
    of_row, of_bar, written = capsys.readouterr().out.splitlines()
    assert written == f"Written: {show}"
    text = of_row.partition("row.png: ")[2]
    assert re.match(r"204   lowest [\d.]+%:   2 .*%   0 .*%   4 ", text)
    lowest, *each = map(float, re.findall(r"([\d.]+)%", text))
    assert lowest == min(each)
    assert "   warning: it is wide, as digits that touch" in of_bar


def test_show_replaces_only_what_show_has_written(saved_models, capsys, tmp_path):
    model = saved_models["binary_zero_one"]
    names = ("one.jpg", "own.png", "link.png", "new.png")
    one, own, link, new = (tmp_path / name for name in names)
    stroke = np.pad(np.full((20, 4), 255, np.uint8), (4, 12))
    Image.fromarray(stroke).save(one)
    Image.fromarray(stroke).save(own)
    link.symlink_to(model)
    for show, message in (
        (one, "must end in .png"),
        (link, "is to be read"),
        (own, "exists, and is no earlier --show"),
        (tmp_path / "none" / "a.png", "no such folder"),
    ):
        before = show.is_file() and show.read_bytes()
        with pytest.raises(InputError, match=re.escape(message)):
            predict(model, one, show=show)
        assert (show.is_file() and show.read_bytes()) == before
    for _ in range(2):  # the second time it replaces the first
        predict(model, one, show=new)
        prediction, last = capsys.readouterr().out.splitlines()
        assert prediction.startswith(f"{one}: 1 ")
        assert last == f"Written: {new}"
    with pytest.raises(InputError, match="is to be read"):
        predict(model, one, new, show=new)
