"""Folders of pictures: written whole, read in order, mistakes named by path."""

import re
import runpy
from pathlib import Path

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


def read_pictures(paths):
    images = [
        np.array(Image.open(path).convert("L").resize((28, 28))) for path in paths
    ]
    return np.stack(images).reshape(-1, 784).astype("float32") / 255


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

    # The saved network, on the very files that are named, predicts what was printed.
    named = re.findall(r"(?m)^  (pictures/\S+): (\d) \((\d\.\d+)\)$", output)
    model = keras.saving.load_model(tmp_path / "saved_models" / "image_folders.keras")
    probabilities = model.predict(
        read_pictures(tmp_path / path for path, _, _ in named), verbose=0
    )
    assert [str(digit) for digit in probabilities.argmax(axis=1)] == [
        digit for _, digit, _ in named
    ]
    np.testing.assert_allclose(
        probabilities.max(axis=1), [float(p) for _, _, p in named], atol=2e-4
    )
    assert all(Path(path).parent.name != digit for path, digit, _ in named)
    every = model.predict(read_pictures(paths), verbose=0).argmax(axis=1)
    wrong = [
        path for path, digit in zip(paths, every) if path.parent.name != str(digit)
    ]
    assert {tmp_path / path for path, _, _ in named} == set(wrong)
    assert f"\n{len(wrong)} of 20 test pictures are misclassified" in output


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
    run = run_program(
        "-m", "examples.image_folders", cwd=tmp_path, MNIST_DATA=str(mnist)
    )
    assert run.returncode == 0, run.stderr
    accuracy = float(re.search(r"test accuracy (0\.\d+)\.", run.stdout)[1])
    assert accuracy == pytest.approx(0.978, abs=0.004)
