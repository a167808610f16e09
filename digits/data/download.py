"""Fetch the four original MNIST files into Keras's cache folder, mirror by mirror."""

import hashlib
import os
import re
import sys
import threading
import time
from pathlib import Path

import requests
from tqdm import tqdm

from digits.errors import InputError
from digits.files import Staging

# Size in bytes and MD5 sum of the four files, as published: the smallest first, so that
# a bad mirror is soon found out.
FILES = {
    "t10k-labels-idx1-ubyte.gz": (4_542, "ec29112dd5afa0611ce80d1b7f02629c"),
    "train-labels-idx1-ubyte.gz": (28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
    "t10k-images-idx3-ubyte.gz": (1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
    "train-images-idx3-ubyte.gz": (9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
}
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://dataset.bj.bcebos.com/mnist/",  # reachable where the others are not
)
TIME_OUT = (5, 10)  # seconds: to connect, and between two bytes
LOWEST_SPEED = 20_000  # bytes a second, over a file


def fetch(folder: Path) -> None:
    """Bring all four files into `folder`, from the first mirror that has them.

    The files appear there together, once the MD5 sum of each is right. Progress, and
    one line for each mirror that fails, go to standard error.

    Raises:
        InputError: every mirror failed, or the folder cannot be written.
    """
    with Staging(folder) as staging:
        for address in filter(None, (os.environ.get("MNIST_MIRROR"), *MIRRORS)):
            print(f"Downloading MNIST from {_public(address)}", file=sys.stderr)
            try:
                contents = {name: _get(address, name) for name in FILES}
            except InputError as error:
                print(f"  failed: {error}", file=sys.stderr)
                continue
            for name, content in contents.items():
                staging.path(folder / name).write_bytes(content)
            return
        raise InputError("MNIST could not be downloaded from any mirror")


def _get(address: str, name: str) -> bytes:
    """Return a file of a mirror, and read little more than its size of what comes.

    A socket's time-out starts anew with every byte, so the request runs in a thread of
    its own and this one watches the clock. A thread given up ends with the process.
    """
    url = f"{address.rstrip('/')}/{name}"
    size, md5 = FILES[name]
    content, errors = bytearray(), []

    def request():
        # The files are gzip data: they must not be unpacked on the way.
        headers = {"Accept-Encoding": "identity"}
        try:
            with requests.get(
                url, headers=headers, stream=True, timeout=TIME_OUT
            ) as response:
                response.raise_for_status()
                for part in response.raw.stream(2**14, decode_content=False):
                    content.extend(part)
                    if len(content) > size:
                        break
        except Exception as error:  # of many kinds, from three libraries
            errors.append(error)

    thread = threading.Thread(target=request, daemon=True)
    thread.start()
    end = time.monotonic() + sum(TIME_OUT) + size / LOWEST_SPEED
    with tqdm(total=size, desc=name, unit="B", unit_scale=True, delay=1) as progress:
        while thread.is_alive() and time.monotonic() < end:
            thread.join(0.1)
            progress.update(len(content) - progress.n)
    if thread.is_alive():
        raise InputError(f"slower than {LOWEST_SPEED:,} bytes a second")
    if errors:
        raise InputError(_reason(errors[0])) from errors[0]
    if hashlib.md5(content).hexdigest() != md5:
        raise InputError("what it sent is not the original file (MD5 sum)")
    return bytes(content)


def _reason(error: Exception) -> str:
    kind = type(error).__name__
    if isinstance(error, requests.ConnectionError) and "certificate" not in str(error):
        return f"no connection ({kind})"
    return _public(f"{kind}: {error}")


def _public(text: str) -> str:
    """Return the text without the user name and password of an address in it."""
    return re.sub(r"\S*@", "", text)
