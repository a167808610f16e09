"""The IDX reader: exact files are read, everything else is the one documented error."""

import gzip
import tracemalloc

import numpy as np
import pytest
from conftest import as_idx
from hypothesis import given
from hypothesis import strategies as st

from digits.data import idx
from digits.errors import InputError

IMAGES = np.full((3, 28, 28), 7, np.uint8)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not an IDX file of 28×28 images, starts nothing"),
        (b"\0\0\x0d\x03" + as_idx(IMAGES)[4:], "starts 00 00 0d 03"),
        (idx.header((2**32 - 1, 28, 28)), "not an IDX file"),
        (as_idx(IMAGES[:, :27]), "not an IDX file"),
        (gzip.compress(as_idx(IMAGES))[:-9], "broken gzip data"),
        (gzip.compress(as_idx(IMAGES)) + b"left over", "broken gzip data"),
    ],
)
def test_complains_about_images(tmp_path, content, complaint):
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"images: .*{complaint}"):
        idx.read(path, (28, 28))


def test_unpacks_no_more_than_the_header_promises(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(idx.header((1,)) + bytes(2**24)))
    tracemalloc.start()
    with pytest.raises(InputError, match="not the 1 bytes that its header promises"):
        idx.read(path, ())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**21


starts = st.sampled_from([b"", idx.header((1,)), idx.header((2, 28, 28))])
ends = st.binary() | st.integers(0, 2000).map(bytes)
contents = st.builds(bytes.__add__, starts, ends)


@given(contents | contents.map(gzip.compress))
def test_any_bytes_give_an_array_or_the_one_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any-bytes"
    path.write_bytes(content)
    for shape in ((), (28, 28)):
        try:
            array = idx.read(path, shape)
        except InputError as error:
            assert str(path) in str(error)
        else:  # what was read is all there was, to the last byte
            zipped = content[:2] == idx.GZIP_MAGIC
            assert as_idx(array) == (gzip.decompress(content) if zipped else content)
