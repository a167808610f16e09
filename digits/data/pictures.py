"""Read a data set kept as pictures: train/0 … train/9 and test/0 … test/9."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from digits.errors import InputError
from digits.files import regular_file

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp")
FORMATS = ("PNG", "JPEG", "BMP")
MODES = ("1", "L", "LA", "P", "RGB", "RGBA")  # 8 bits a channel or fewer


def read(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return the images, labels and file names below `folder`/`part`.

    Images are uint8 (n, 28, 28), labels uint8 (n,), names like "test/7/0042.png",
    ordered by label, then by name. Files with other endings are passed over.

    Raises:
        InputError: a digit's folder is missing or has no picture, or a file cannot be
            read as a 28×28 picture.
    """
    paths, labels = [], []
    for digit in range(10):
        found = sorted(
            path
            for path in (folder / part / str(digit)).glob("*")
            if path.suffix.lower() in ENDINGS and not path.name.startswith(".")
        )
        if not found:
            endings = ", ".join(ENDINGS)
            raise InputError(f"{folder / part / str(digit)}: no pictures ({endings})")
        paths += found
        labels += [digit] * len(found)
    progress = tqdm(paths, desc=f"Reading {part}", unit=" pictures", delay=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        images = np.stack([_read(path) for path in progress])
    names = tuple(path.relative_to(folder).as_posix() for path in paths)
    return images, np.array(labels, np.uint8), names


def _read(path: Path) -> np.ndarray:
    regular_file(path)
    try:
        with Image.open(path, formats=FORMATS) as picture:
            if picture.size != (28, 28) or picture.mode not in MODES:
                raise ValueError(f"size {picture.size}, mode {picture.mode}")
            return np.array(picture.convert("L"))
    # Pillow's decoders raise many kinds, SyntaxError among them, for a broken file.
    except Exception as error:
        raise InputError(
            f"{path}: not a picture of 28×28 pixels, 8 bits a channel ({error})"
        ) from error
