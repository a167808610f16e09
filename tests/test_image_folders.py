"""Folders of pictures: written whole, read in order, mistakes named by path."""

import re
import runpy

import keras
import numpy as np
import pytest
from conftest import run_program, write_idx_folder, write_page
from PIL import Image

PAGE = "examples/image_folders.py"


@pytest.fixture
def run_page(tmp_path, monkeypatch, capsys):
    """Return a function that runs the page in tmp_path and returns what it prints."""
    monkeypatch.chdir(tmp_path)

    def run(**constants):
        runpy.run_path(str(write_page(tmp_path, PAGE, **constants)))
        return capsys.readouterr().out

    return run


def test_images_are_written_read_and_named_when_misclassified(
    run_page, tiny, tmp_path, monkeypatch
):
    data = write_idx_folder(tmp_path / "idx", tiny)
    monkeypatch.setenv("MNIST_DATA", str(data))
    output = run_page(epochs=1)
    for part, number in (("train", 40), ("test", 20)):
        paths = sorted((tmp_path / "pictures" / part).rglob("*.png"))
        assert len(paths) == number
        for path in paths:
            i = int(path.stem)
            np.testing.assert_array_equal(Image.open(path), tiny[f"x_{part}"][i])
            assert int(path.parent.name) == tiny[f"y_{part}"][i]
    assert not list(tmp_path.glob("*_unfinished_*"))

    # The saved network, on the very files, makes the mistakes that were printed.
    pictures = np.stack([np.array(Image.open(path)) for path in paths])
    model = keras.saving.load_model(tmp_path / "saved_models" / "image_folders.keras")
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


def test_pictures_of_ones_own(run_page, tmp_path):
    """Of other sizes, in colour; then one broken, other classes, or no folder."""
    rng = np.random.default_rng(0)
    pictures = tmp_path / "pictures"
    for part in ("train", "test"):
        for name, level in (("dark", 40), ("light", 200)):
            folder = pictures / part / name
            folder.mkdir(parents=True)
            for i, ending in enumerate(["png", "jpg"] * 32):
                size = (20 + i, 60, 3)
                image = rng.integers(level - 40, level + 40, size, np.uint8)
                Image.fromarray(image).save(folder / f"{i}.{ending}")
    output = run_page(epochs=10, batch_size=8)
    assert "128 training and 128 test pictures of dark light" in output
    assert "\n0 of 128 test pictures are misclassified" in output

    def complaint():
        with pytest.raises(SystemExit) as error:
            run_page()
        return error.value.code

    broken = pictures / "test" / "light" / "17.jpg"
    broken.write_bytes(b"no picture")
    assert complaint() == "pictures/test/light/17.jpg: not a whole PNG or JPEG picture"
    broken.unlink()
    (pictures / "test" / "light").rename(pictures / "test" / "bright")
    assert "train has ['dark', 'light'], but test has" in complaint()
    (pictures / "test").rename(pictures / "tests")
    assert complaint().startswith("pictures/test: ")


@pytest.mark.slow
def test_accuracy_on_mnist(mnist, tmp_path):
    page = ("-m", "examples.image_folders")
    run = run_program(*page, cwd=tmp_path, MNIST_DATA=str(mnist))
    assert run.returncode == 0, run.stderr
    accuracy = float(re.search(r"test accuracy (0\.\d+)\.", run.stdout)[1])
    assert accuracy == pytest.approx(0.978, abs=0.004)
