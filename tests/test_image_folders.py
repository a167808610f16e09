"""Folders of pictures: written whole, read whatever their kind, mistakes by path."""

import re
import runpy
import signal
from pathlib import Path

import keras
import numpy as np
import pytest
from conftest import write_idx_folder, write_program
from PIL import Image, ImageDraw, ImageOps


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs the program in tmp_path and returns its names."""
    monkeypatch.chdir(tmp_path)
    program = write_program(tmp_path, "examples/image_folders.py", epochs=1)
    return lambda: runpy.run_path(str(program))


def test_images_are_written_read_and_named_when_misclassified(
    run, tiny, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("MNIST_DATA", str(write_idx_folder(tmp_path / "idx", tiny)))
    run()
    for part, number in (("train", 40), ("test", 20)):
        paths = sorted(Path("pictures", part).rglob("*.png"))
        assert len(paths) == number
        for path in paths:
            i = int(path.stem)
            np.testing.assert_array_equal(Image.open(path), tiny[f"x_{part}"][i])
            assert int(path.parent.name) == tiny[f"y_{part}"][i]

    model = keras.saving.load_model("saved_models/image_folders.keras")
    x_test = np.stack([Image.open(path) for path in paths]).reshape(-1, 784) / 255
    mistakes = {}
    for path, row in zip(paths, model.predict(x_test, batch_size=1000), strict=True):
        if path.parent.name != str(row.argmax()):
            mistakes[str(path)] = str(row.argmax())
    output = capsys.readouterr().out
    named = re.findall(r"(?m)^  (pictures/.*): (\d) \((\S+)\)$", output)
    assert {path: digit for path, digit, _ in named} == mistakes
    confidences = [float(confidence) for *_, confidence in named]
    assert confidences == sorted(confidences, reverse=True)


def test_kill_leaves_no_half_written_folder(run, tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DATA", str(write_idx_folder(tmp_path / "idx", tiny)))
    kill = signal.raise_signal
    monkeypatch.setattr(Image.Image, "save", lambda *_: kill(signal.SIGTERM))
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with pytest.raises(KeyboardInterrupt):
        run()
    signal.signal(signal.SIGTERM, before)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"idx", "saved_models", "image_folders.py"}


def drawn(name, mode):
    """Return one black stroke on white, upright for "one", else level."""
    ink = Image.new("L", (60, 40))
    line = (30, 5, 30, 35) if name == "one" else (5, 20, 55, 20)
    ImageDraw.Draw(ink).line(line, 255, 6)
    if mode == "RGBA":  # black wherever one looks, and transparent around the ink
        picture = Image.new("RGBA", ink.size)
        picture.putalpha(ink)
        return picture
    return ImageOps.invert(ink).convert("RGB").convert(mode)


@pytest.fixture
def pictures(tmp_path):
    """The folder, with one picture of each of two classes in train and in test."""
    pictures = tmp_path / "pictures"
    for part in ("train", "test"):
        for name in ("one", "minus"):
            (pictures / part / name).mkdir(parents=True)
            drawn(name, "L").save(pictures / part / name / "a.png")
    return pictures


def test_pictures_of_every_kind(run, pictures, capsys):
    """Transparent ones become black on white, and blank ones are named."""
    kinds = [("RGB", "jpg"), ("RGBA", "png"), ("RGBA", "webp"), ("P", "gif")]
    kinds += [("P", "bmp"), ("1", "tiff"), ("CMYK", "jpeg")]
    for place in pictures.glob("*/*"):
        for i, (mode, ending) in enumerate(kinds):
            drawn(place.name, mode).save(place / f"{i}.{ending}")
        (place / "._0.png").write_bytes(b"of macOS")
        (place / "Thumbs.db").write_bytes(b"of Windows")
    (pictures / "test" / "__MACOSX").mkdir()
    Image.new("L", (9, 9)).save(pictures / "train" / "one" / "dark.png")
    names = run()
    assert names["class_names"] == ["minus", "one"]
    assert names["x_train"].shape == (17, 784)
    for x in names["x_test"].reshape(2, 8, 784):
        assert np.abs(x - x[0]).max() < 0.1  # each kind is read alike
        assert x.min() < 0.1 and x.max() > 0.9
    output = capsys.readouterr().out
    assert "Blank pictures: 1, such as pictures/train/one/dark.png" in output


def test_what_is_refused(run, pictures):
    def assert_refused(message):
        with pytest.raises(SystemExit, match=message) as error:
            run()
        assert "\n" not in error.value.code

    place = pictures / "test" / "one"
    (place / "a.png").write_bytes(b"no picture")
    assert_refused("^pictures/test/one/a.png: cannot identify image file")
    Image.new("I;16", (9, 9)).save(place / "a.png")
    assert_refused("a.png: more than 8 bits for a pixel. Save it as PNG or")
    (place / "a.png").unlink()
    assert_refused("^pictures/test/one: no pictures of this class")
    Image.new("L", (9, 9)).save(place / "a.png")
    Image.new("L", (9, 9)).save(pictures / "test" / "minus" / "a.png")
    assert_refused("^pictures/test: all pictures are blank, each in one colour")
    drawn("one", "L").save(place / "a.png")
    place.rename(pictures / "test" / "seven")
    assert_refused(r"train has \['minus', 'one'\], but test has \['minus', 'seven'\]")
    (pictures / "test").rename(pictures / "tests")
    assert_refused("^pictures/test: no such folder")
    pictures.rename(pictures.with_name("elsewhere"))
    pictures.symlink_to("nowhere")
    assert_refused("^pictures: there is no such folder, and it cannot be made")
