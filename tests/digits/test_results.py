"""Files appear whole and together, or not at all."""

import signal

import pytest

from digits import results
from digits.errors import UnusableInput

PLOTS = ("digits", "accuracy")


def prepare(folder, parameters=1000):
    return results.prepare(folder, "lesson", PLOTS, parameters)


def test_names_and_folders(tmp_path):
    files = prepare(tmp_path / "new")
    assert files.model == tmp_path / "new" / "saved_models" / "lesson.keras"
    assert files.record == tmp_path / "new" / "saved_models" / "lesson.json"
    assert files.plots["accuracy"] == tmp_path / "new" / "plots" / "lesson_accuracy.png"
    assert not any(path.is_file() for path in tmp_path.rglob("*"))  # no probe is left


def test_all_files_appear_together(tmp_path):
    files = prepare(tmp_path)
    before = signal.getsignal(signal.SIGINT)
    with results.all_or_none(files) as unfinished:
        for path in unfinished.paths():
            path.write_text("new")
            assert path.suffix in (".keras", ".json", ".png")
        assert not any(path.exists() for path in files.paths())
    assert all(path.read_text() == "new" for path in files.paths())
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 4
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_failure_leaves_the_earlier_files(tmp_path, error):
    files = prepare(tmp_path)
    for path in files.paths():
        path.write_text("old")
    with pytest.raises(error), results.all_or_none(files) as unfinished:
        unfinished.model.write_text("half of the n")
        raise error
    assert all(path.read_text() == "old" for path in files.paths())
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 4


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableInput, match=r"cannot write there.*--output-dir"):
        prepare(tmp_path / "file")


def test_a_folder_in_place_of_a_file(tmp_path):
    (tmp_path / "saved_models" / "lesson.keras").mkdir(parents=True)
    with pytest.raises(UnusableInput, match=r"lesson\.keras: in the way"):
        prepare(tmp_path)


def test_a_full_disk_is_found_out_and_the_probe_removed(tmp_path):
    resource = pytest.importorskip("resource", reason="needs limits on file sizes")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, before[1]))
    try:
        with pytest.raises(UnusableInput, match="File too large"):
            prepare(tmp_path, parameters=400_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
