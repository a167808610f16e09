"""Folders of pictures: written whole, read whatever their kind, mistakes by path."""

import re
import runpy

import keras
import numpy as np
import pytest
from conftest import run_program, write_idx_folder, write_program
from PIL import Image, ImageDraw

PROGRAM = "examples/image_folders.py"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return a function that runs the program in tmp_path and returns its output."""
    monkeypatch.chdir(tmp_path)

    def run(**constants):
        runpy.run_path(str(write_program(tmp_path, PROGRAM, **constants)))
        return capsys.readouterr().out

    return run


@pytest.fixture
def refusal(run):
    """Return a function: the line that the program ends with, before any training."""

    def refuse():
        with pytest.raises(SystemExit) as error:
            run(epochs=0)
        assert "\n" not in error.value.code
        return error.value.code

    return refuse


def test_images_are_written_read_and_named_when_misclassified(
    run, tiny, tmp_path, monkeypatch
):
    data = write_idx_folder(tmp_path / "idx", tiny)
    monkeypatch.setenv("MNIST_DATA", str(data))
    output = run(epochs=1)
    for part, number in (("train", 40), ("test", 20)):
        paths = sorted((tmp_path / "pictures" / part).rglob("*.png"))
        assert len(paths) == number
        for path in paths:
            i = int(path.stem)
            np.testing.assert_array_equal(Image.open(path), tiny[f"x_{part}"][i])
            assert int(path.parent.name) == tiny[f"y_{part}"][i]
    assert not list(tmp_path.glob("*_unfinished_*"))

    model = keras.saving.load_model(tmp_path / "saved_models" / "image_folders.keras")
    pictures = np.stack([Image.open(path) for path in paths])
    probabilities = model.predict(pictures.reshape(-1, 784) / 255, verbose=0)
    expected = []
    for path, row in zip(paths, probabilities, strict=True):
        if path.parent.name != str(row.argmax()):
            name = path.relative_to(tmp_path).as_posix()
            expected.append((name, str(row.argmax()), row.max()))
    expected.sort(key=lambda mistake: -mistake[2])  # the most confident first
    named = re.findall(r"(?m)^  (pictures/\S+): (\d) \((\d\.\d+)\)$", output)
    assert len(named) == len(expected) > 0
    for (path, digit, confidence), mistake in zip(named, expected):
        assert (path, digit) == mistake[:2]
        assert float(confidence) == pytest.approx(mistake[2], abs=2e-4)
    assert f"\n{len(named)} of 20 test pictures are misclassified" in output
    assert f", test {1 - len(named) / 20:.4f}\n" in output


def drawn(name, mode):
    """Return one black stroke on white, upright for "one", else level."""
    ink, paper = (0, 255) if len(mode) == 1 else ((0, 0, 0), (255, 255, 255))
    picture = Image.new("L" if len(mode) == 1 else "RGB", (60, 40), paper)
    line = (30, 5, 30, 35) if name == "one" else (5, 20, 55, 20)
    ImageDraw.Draw(picture).line(line, ink, 6)
    if mode == "RGBA":  # black wherever one looks, and transparent around the ink
        alpha = picture.convert("L").point(lambda grey: 255 - grey)
        picture = Image.new("RGBA", picture.size)
        picture.putalpha(alpha)
        return picture
    return picture.convert(mode)


def test_pictures_of_every_kind(run, tmp_path, refusal):
    """Transparent ones become black on white, and blank ones are named."""
    kinds = [("L", "png"), ("RGB", "jpg"), ("RGBA", "png"), ("RGBA", "webp")]
    kinds += [("P", "gif"), ("P", "bmp"), ("1", "tiff"), ("CMYK", "jpeg")]
    pictures = tmp_path / "pictures"
    for part in ("train", "test"):
        for name in ("one", "minus"):
            place = pictures / part / name
            place.mkdir(parents=True)
            for i, (mode, ending) in enumerate(kinds):
                drawn(name, mode).save(place / f"{i}.{ending}")
            (place / "._0.png").write_bytes(b"of macOS")
            (place / "Thumbs.db").write_bytes(b"of Windows")
        (pictures / part / "__MACOSX").mkdir()
    Image.new("L", (9, 9)).save(pictures / "train" / "one" / "dark.png")
    names = runpy.run_path(str(write_program(tmp_path, PROGRAM, epochs=0)))
    assert names["class_names"] == ["minus", "one"]
    assert names["x_train"].shape == (17, 784)
    for x in names["x_test"].reshape(2, 8, 784):
        assert np.abs(x - x[0]).max() < 0.1  # each kind is read alike
        assert x.min() < 0.1 and x.max() > 0.9
    assert "Blank pictures: 1, such as pictures/train/one/dark.png" in run(epochs=0)
    for path in (pictures / "train").rglob("[!.]*.*"):
        if path.suffix != ".db":
            path.unlink()
            Image.new("L", (9, 9)).save(path.with_suffix(".png"))
    assert refusal() == "pictures/train: all pictures are blank, each in one colour"


def test_what_is_refused(run, tmp_path, refusal):
    pictures = tmp_path / "pictures"
    for part in ("train", "test"):
        for name in ("one", "minus"):
            (pictures / part / name).mkdir(parents=True)
            drawn(name, "L").save(pictures / part / name / "a.png")
    place = pictures / "test" / "one"
    (place / "b.heic").write_bytes(b"no picture")
    assert refusal().startswith("pictures/test/one/b.heic: cannot identify image file")
    (place / "b.heic").unlink()
    Image.new("I;16", (9, 9)).save(place / "b.png")
    assert "b.png: more than 8 bits for a pixel. Save it as PNG or" in refusal()
    (place / "b.png").unlink()
    (place / "a.png").rename(pictures / "test" / "a.png")
    assert refusal() == "pictures/test/a.png: no such folder"
    (pictures / "test" / "a.png").unlink()
    assert refusal() == "pictures/test/one: no pictures of this class"
    drawn("one", "L").save(place / "a.png")
    place.rename(pictures / "test" / "seven")
    assert "train has ['minus', 'one'], but test has ['minus', 'seven']" in refusal()
    (pictures / "test").rename(pictures / "tests")
    assert refusal() == "pictures/test: no such folder"
    pictures.rename(tmp_path / "elsewhere")
    pictures.symlink_to("nowhere")
    assert refusal().startswith("pictures: there is no such folder, and it cannot be m")


@pytest.mark.slow
def test_accuracy_on_mnist(mnist, tmp_path):
    """Started elsewhere, printed in an encoding that lacks most letters."""
    surroundings = {"MNIST_DATA": str(mnist), "PYTHONIOENCODING": "ascii"}
    program = write_program(tmp_path, PROGRAM)
    process = run_program(program, cwd=tmp_path, **surroundings)
    assert process.returncode == 0, process.stderr
    accuracy = float(re.search(r"(?m)^Accuracy: .* test (0\.\d+)$", process.stdout)[1])
    assert accuracy == pytest.approx(0.978, abs=0.004)
