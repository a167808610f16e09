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


@pytest.fixture(scope="module")
def test_images():
    return data.load("optdigits")


@pytest.fixture
def photos(test_images, tmp_path):
    """A folder with photographs of each digit, twice, named after it."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "photos"
    folder.mkdir()
    for digit in range(10):
        chosen = test_images.x_test[test_images.y_test == digit][:2]
        for number, image in enumerate(chosen):
            photograph(image, rng).save(folder / f"{digit}_{number}.jpg")
    return folder


def predict(capsys, saved_models, *pictures, show=None, model="hello_mnist"):
    """Run the program here; return its lines on both streams, and whether it failed."""
    failed = False
    try:
        predict_image.main(
            argparse.Namespace(
                pictures=[*pictures], model=saved_models[model], show=show
            )
        )
    except SystemExit as error:
        failed = error.code == 1
    captured = capsys.readouterr()
    return captured.out.splitlines(), captured.err.splitlines(), failed


def test_the_command(photos, saved_models, tmp_path):
    """As a user runs it: odd names, a bad file, an output that is ASCII only."""
    (photos / "broken.png").write_bytes(b"no picture")
    names = ["数字.jpg", "$x_{2$.jpg", os.fsdecode(b"n\xe9.jpg")]
    for old, new in zip(sorted(photos.glob("[0-2]_0.jpg")), names, strict=True):
        old.rename(photos / new)
    show = tmp_path / "show.png"
    options = ("--model", saved_models["hello_mnist"], "--show", show)
    command = ("-m", "examples.predict_image", photos, photos / "none.png")
    process = run_program(*command, *options, PYTHONIOENCODING="ascii")
    assert process.returncode == 1
    errors = process.stderr.splitlines()
    assert len(errors) == 2
    assert "error: " in errors[0] and "broken.png: not a readable" in errors[0]
    assert "none.png: No such file" in errors[1]

    lines = process.stdout.splitlines()
    assert lines[-1] == f"Written: {show}"
    predictions = re.findall(
        r"/(.)[^/]*\.jpg: (\d) +([\d.]+)%   \d +([\d.]+)%", process.stdout
    )
    assert len(predictions) == 20
    assert sum(name == digit for name, digit, _, _ in predictions) >= 13
    assert all(float(p) >= float(q) for _, _, p, q in predictions)
    with Image.open(show) as picture:
        assert picture.size == (900, 20 * 240)


def test_a_row_prints_the_number_and_each_digit(
    test_images, saved_models, capsys, tmp_path
):
    images = [test_images.x_test[test_images.y_test == digit][3] for digit in (2, 0, 4)]
    photo = photograph(row(images, np.random.default_rng(0)), np.random.default_rng(0))
    photo.save(tmp_path / "row.png")
    show = tmp_path / "show.png"
    lines, _, _ = predict(capsys, saved_models, tmp_path / "row.png", show=show)
    text = lines[0].partition("row.png: ")[2]
    assert re.match(r"204   lowest [\d.]+%:   2 .*%   0 .*%   4 ", text)
    lowest, *each = map(float, re.findall(r"([\d.]+)%", text))
    assert lowest == min(each)
    assert show.exists()


def test_doubts_and_uncertainty_are_warnings(saved_models, capsys, tmp_path):
    page = np.full((100, 300), 255, np.uint8)
    page[40:60, 20:280] = 0
    Image.fromarray(page).save(tmp_path / "bar.png")
    (line,), _, failed = predict(capsys, saved_models, tmp_path / "bar.png")
    assert "   warning: it is wide, as digits that touch" in line
    assert not failed


def test_the_zero_or_one_model(photos, saved_models, capsys):
    pictures = sorted(photos.glob("[01]_*.jpg"))
    lines, _, _ = predict(capsys, saved_models, *pictures, model="binary_zero_one")
    right = [f"/{line.split(': ')[1][0]}_" in line for line in lines]
    assert sum(right) >= 3


def test_show_replaces_only_what_show_has_written(photos, saved_models, capsys):
    one = photos / "1_1.jpg"
    picture, own, link = (photos / name for name in ("a.png", "own.png", "link.png"))
    Image.open(one).save(picture)
    Image.open(one).save(own)
    link.symlink_to(saved_models["hello_mnist"])
    for show, message in (
        (one, "must end in .png"),
        (picture, "is to be read"),
        (link, "is to be read"),
        (own, "exists, and is no earlier --show"),
        (photos, "must end in .png"),
        (photos / "none" / "a.png", "no such folder"),
    ):
        before = show.is_file() and show.read_bytes()
        with pytest.raises(InputError, match=re.escape(message)):
            predict(capsys, saved_models, one, picture, show=show)
        assert (show.is_file() and show.read_bytes()) == before
    new = photos / "new.png"
    for _ in range(2):  # the second time it replaces the first
        lines, _, _ = predict(capsys, saved_models, one, show=new)
        assert lines[-1] == f"Written: {new}"


def test_a_folder_without_pictures_is_named(saved_models, capsys, tmp_path):
    _, errors, failed = predict(capsys, saved_models, tmp_path)
    assert failed
    assert errors[-1].endswith(f"{tmp_path}: no pictures in this folder")
