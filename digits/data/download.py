"""Fetch the four original MNIST files into Keras's cache folder, mirror by mirror."""

import os
import re
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests  # installed with pooch, as urllib3 is with requests
from tqdm import tqdm
from urllib3.exceptions import ProtocolError

from digits.errors import InputError
from digits.files import Staging

# Size in bytes and MD5 sum of the four files, as published. They guard against
# accidents; what is called "verified" rests on the SHA-256 sums in digits.data.
FILES = {
    "train-images-idx3-ubyte.gz": (9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
    "train-labels-idx1-ubyte.gz": (28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
    "t10k-images-idx3-ubyte.gz": (1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
    "t10k-labels-idx1-ubyte.gz": (4_542, "ec29112dd5afa0611ce80d1b7f02629c"),
}
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://dataset.bj.bcebos.com/mnist/",  # reachable where the others are not
)
CONNECT_SECONDS = 5
# A mirror must send at least this much in every such period.
LOWEST_SPEED, PERIOD_SECONDS = 10_000, 10  # bytes per second, seconds
REASONS = (
    (requests.ConnectTimeout, f"no connection within {CONNECT_SECONDS} seconds"),
    (requests.exceptions.ProxyError, "no connection to the proxy server"),
    (requests.ConnectionError, "no connection"),
    (ProtocolError, "the connection broke in the middle of a file"),
)


class _MirrorError(Exception):
    """The fault of a mirror, in a few words."""


def mirrors() -> list[str]:
    """Return the addresses to try, in order: MNIST_MIRROR's, if set, comes first.

    Raises:
        InputError: MNIST_MIRROR is not an http or https address.
    """
    own = os.environ.get("MNIST_MIRROR", "").strip()
    if not own:
        return [*MIRRORS]
    try:
        address = urlsplit(own)
        valid = address.scheme in ("http", "https") and address.hostname
        _ = address.port  # raises if it is not a number
    except ValueError:
        valid = False
    if not valid:  # not printed, as it may contain a password
        raise InputError("MNIST_MIRROR: not an address like http://server/folder")
    return [own.rstrip("/") + "/", *MIRRORS]


def fetch(folder: Path) -> None:
    """Bring all four files into `folder`, where those already right stay as they are.

    The files appear there together, once the MD5 sum of each is right. Progress, and
    one line for each mirror that fails, go to standard error.

    Raises:
        InputError: every mirror failed, or the folder cannot be written.
    """
    addresses = mirrors()
    pooch.get_logger().setLevel("WARNING")
    try:
        with Staging(folder) as staging:
            missing = [name for name in FILES if not _is_right(folder / name)]
            places = [staging.path(folder / name) for name in missing]
            for address in addresses:
                print(f"Downloading MNIST from {_public(address)}", file=sys.stderr)
                try:
                    for place in places:
                        _retrieve(address + place.name, place)
                    return
                except _MirrorError as error:
                    print(f"  failed: {error}", file=sys.stderr)
            raise InputError("no mirror of MNIST could be reached")
    except OSError as error:
        raise InputError(
            f"{error.filename or folder}: cannot keep MNIST there"
            f" ({error.strerror or error}); KERAS_HOME names another folder"
        ) from error


def _is_right(path: Path) -> bool:
    md5 = FILES[path.name][1]
    return path.is_file() and pooch.file_hash(path, alg="md5") == md5


def _retrieve(url: str, place: Path) -> None:
    """Download one file to `place`, unless an earlier mirror has brought it there."""
    size, md5 = FILES[place.name]
    try:
        pooch.retrieve(
            url,
            known_hash=f"md5:{md5}",
            fname=place.name,
            path=place.parent,
            downloader=lambda url, part, _: Path(part).write_bytes(_get(url, size)),
        )
    except ValueError as error:
        raise _MirrorError(
            "what it sent is not the original file (its MD5 sum differs)"
        ) from error


def _get(url: str, size: int) -> bytes:
    """Return what the server sends, undecoded, and not much more of it than `size`.

    The time-outs of a socket start anew with every byte, so the request runs in a
    thread of its own, and this one watches its speed. A thread given up ends with the
    process at the latest.
    """
    content, errors = bytearray(), []

    def request():
        try:
            with requests.get(
                url,
                stream=True,
                timeout=(CONNECT_SECONDS, 2 * PERIOD_SECONDS),
                # The files are gzip data: a server must not unpack them on the way.
                headers={"Accept-Encoding": "identity"},
                hooks={"response": _skip_redirection},
            ) as response:
                response.raise_for_status()
                while len(content) <= size:
                    part = response.raw.read(2**14, decode_content=False)
                    if not part:
                        break
                    content.extend(part)
        except Exception as error:  # of many kinds, from three libraries
            errors.append(error)

    thread = threading.Thread(target=request, daemon=True)
    thread.start()
    start, before = time.monotonic(), 0
    with tqdm(
        total=size, desc=Path(url).name, unit="B", unit_scale=True, delay=1
    ) as progress:
        while thread.is_alive():
            thread.join(0.1)
            progress.update(len(content) - progress.n)
            if time.monotonic() < start + PERIOD_SECONDS or not thread.is_alive():
                continue
            if len(content) < before + LOWEST_SPEED * PERIOD_SECONDS:
                raise _MirrorError(
                    f"slower than {LOWEST_SPEED:,} bytes a second"
                    f" for {PERIOD_SECONDS} seconds"
                )
            start, before = time.monotonic(), len(content)
    if errors:
        raise _MirrorError(_reason(errors[0])) from errors[0]
    return bytes(content)


def _skip_redirection(response: requests.Response, **_) -> None:
    """Close a response that names another address; requests would read all of it."""
    if response.is_redirect:
        response.close()


def _reason(error: Exception) -> str:
    """Return in a few words why a request failed."""
    if isinstance(error, requests.HTTPError):
        url = _public(error.response.url)
        return f"the server sent status {error.response.status_code} for {url}"
    if "certificate verify failed" in str(error):
        detail = re.search(r"certificate verify failed:?([^()]*)", str(error))[1]
        return f"its TLS certificate is not valid:{detail.rstrip()}"
    for kind, reason in REASONS:
        if isinstance(error, kind):
            return reason
    return _public(f"{type(error).__name__}: {error}")


def _public(text: str) -> str:
    """Return the text without the user name and password of an address in it."""
    return re.sub(r"//.*@", "//", text)
