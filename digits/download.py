"""Fetch the four original MNIST files into Keras's cache folder, mirror by mirror."""

import os
import sys
from pathlib import Path

import pooch
import requests

from digits.errors import UnusableInput

# The published MD5 sums of the four files. They guard against accidents; what is
# called "verified" rests on the SHA-256 sums in digits/dataset.py.
MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://dataset.bj.bcebos.com/mnist/",  # reachable where the others are not
)
CONNECT_SECONDS, SILENCE_SECONDS = 5, 10


def mirrors() -> list[str]:
    """Return the addresses to try, in order: MNIST_MIRROR's, if set, comes first.

    Raises:
        UnusableInput: MNIST_MIRROR is not an http or https address.
    """
    own = os.environ.get("MNIST_MIRROR", "").strip()
    if own and not own.lower().startswith(("http://", "https://")):
        raise UnusableInput(
            f"MNIST_MIRROR={own}: not an address starting with http:// or https://"
        )
    return [own.rstrip("/") + "/", *MIRRORS] if own else [*MIRRORS]


def fetch(folder: Path) -> None:
    """Bring all four files into `folder`, where those already right stay as they are.

    Each file is downloaded beside its place and moved there only if its MD5 sum is
    right, so that processes which start at once do not disturb one another. Progress,
    and one line for each mirror that fails, go to standard error.

    Raises:
        UnusableInput: every mirror failed, or the folder cannot be written.
    """
    pooch.get_logger().setLevel("WARNING")
    for address in mirrors():
        print(f"Downloading MNIST from {address}", file=sys.stderr)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, md5 in MD5.items():
                _retrieve(address + name, folder, name, md5)
            return
        except (requests.RequestException, ValueError) as error:
            print(f"  failed: {_reason(error)}", file=sys.stderr)
        except OSError as error:
            raise UnusableInput(
                f"{error.filename or folder}: cannot keep MNIST there"
                f" ({error.strerror or error}); KERAS_HOME names another folder"
            ) from error
    raise UnusableInput("no mirror of MNIST could be reached")


def _retrieve(url: str, folder: Path, name: str, md5: str) -> None:
    pooch.retrieve(
        url,
        known_hash=f"md5:{md5}",
        fname=name,
        path=folder,
        downloader=pooch.HTTPDownloader(
            progressbar=True,
            chunk_size=2**16,
            timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
            # The files are gzip data: a server must not unpack them on the way.
            headers={"Accept-Encoding": "identity"},
        ),
    )


def _reason(error: Exception) -> str:
    """Say in a few words why a mirror failed."""
    if isinstance(error, requests.HTTPError):
        return (
            f"the server answers {error.response.status_code} for {error.request.url}"
        )
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {CONNECT_SECONDS} seconds"
    # A silence in the middle of a file comes as a ConnectionError.
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"the server was silent for {SILENCE_SECONDS} seconds"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke in the middle of a file"
    if isinstance(error, requests.exceptions.ProxyError):
        return "no connection to the proxy server"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    if isinstance(error, requests.RequestException):
        return f"{type(error).__name__}: {error}"
    return "what it sent is not the original file (its MD5 sum differs)"
