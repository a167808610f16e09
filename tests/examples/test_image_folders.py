"""Folders of pictures: written whole, read in order, mistakes named by path."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from conftest import run_program, write_idx_folder, write_page
from PIL import Image

PAGE = "examples/image_folders.py"


def run_page(folder, data=None, **constants):
    page = write_page(folder, PAGE, **{"epochs": 1, **constants})
    more = {"MNIST_DATA": str(data)} if data else {}
    return run_program(page, cwd=folder, **more)


def read_pictures(paths):
    images = [
        np.array(Image.open(path).convert("L").resize((28, 28))) for path in paths
    ]
    return np.stack(images).reshape(-1, 784).astype("float32") / 255


def test_images_are_written_read_and_named_when_misclassified(tiny, tmp_path):
    noise = {name: tiny[name] for name in ("x_train", "y_train", "x_test", "y_test")}
    run = run_page(tmp_path, write_idx_folder(tmp_path / "idx", noise))
    assert run.returncode == 0, run.stderr
    for part, number in (("train", 40), ("test", 20)):
        paths = sorted((tmp_path / "pictures" / part).rglob("*.png"))
        assert len(paths) == number
        for path in paths:
            i = int(path.stem)
            np.testing.assert_array_equal(Image.open(path), noise[f"x_{part}"][i])
            assert int(path.parent.name) == noise[f"y_{part}"][i]
    assert not list(tmp_path.glob("*_unfinished_*"))

    # The saved network, on the very files that are named, predicts what was printed.
    named = re.findall(r"(?m)^  (pictures/\S+): (\d) \((\d\.\d+)\)$", run.stdout)
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
    assert f"\n{len(wrong)} of 20 test pictures are misclassified" in run.stdout


def test_pictures_of_ones_own(tmp_path):
    """Of other sizes, in colour; then with one broken, none, or no folder."""
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
    run = run_page(tmp_path, epochs=10, batch_size=8)
    assert run.returncode == 0, run.stderr
    assert "128 training and 128 test pictures of dark light" in run.stdout
    assert "\n0 of 128 test pictures are misclassified" in run.stdout

    def complaint():
        run = run_page(tmp_path)
        assert run.returncode == 1
        assert "Traceback" not in run.stderr
        return run.stderr.strip().splitlines()[-1]

    broken = pictures / "test" / "light" / "17.jpg"
    broken.write_bytes(b"no picture")
    assert complaint() == "pictures/test/light/17.jpg: not a whole PNG or JPEG picture"
    broken.unlink()
    (pictures / "test" / "light").rename(pictures / "test" / "bright")
    assert "train has ['dark', 'light'], but test has" in complaint()
    (pictures / "test").rename(pictures / "tests")
    assert complaint().startswith("pictures/test: ")
    (pictures / "test").mkdir()
    assert "No images found" in complaint()
    assert sorted(path.name for path in pictures.iterdir()) == [
        "test",
        "tests",
        "train",
    ]


def test_an_interrupted_writing_leaves_no_folder(tiny, tmp_path):
    data = write_idx_folder(
        tmp_path / "idx",
        {name: tiny[name] for name in ("x_train", "y_train", "x_test", "y_test")},
    )
    page = write_page(tmp_path, PAGE)
    text = page.read_text(encoding="utf-8")
    line = '                print(f"Writing {part}/{digit}'
    assert text.count(line) == 1
    stop = "                if part == 'test': raise KeyboardInterrupt\n"
    page.write_text(text.replace(line, stop + line), encoding="utf-8")
    run = run_program(page, cwd=tmp_path, MNIST_DATA=str(data))
    assert "Writing train/9" in run.stdout
    assert run.returncode != 0
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["idx", "image_folders.py", "saved_models"]


@pytest.mark.slow
def test_accuracy_on_mnist(mnist, tmp_path):
    run = run_program(
        "-m", "examples.image_folders", cwd=tmp_path, MNIST_DATA=str(mnist)
    )
    assert run.returncode == 0, run.stderr
    accuracy = float(re.search(r"test accuracy (0\.\d+)\.", run.stdout)[1])
    assert accuracy == pytest.approx(0.978, abs=0.004)
