"""Files appear whole or not at all, and nothing else stays behind."""

import os
import shutil
import signal

import pytest

from digits import files
from digits.errors import InputError
from digits.files import Staging


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_all_files_appear_at_the_end_in_the_place_of_earlier_ones(tmp_path):
    (tmp_path / "a").write_text("earlier")
    with Staging(tmp_path) as staging:
        staging.path(tmp_path / "a").write_text("new")
        staging.path(tmp_path / "plots" / "a").write_text("new too")
        staging.path(tmp_path / "export").mkdir()
        assert (tmp_path / "a").read_text() == "earlier"
    assert (tmp_path / "a").read_text() == "new"
    assert (tmp_path / "plots" / "a").read_text() == "new too"
    assert names(tmp_path) == ["a", "export", "plots"]


def test_after_a_failure_nothing_has_changed(tmp_path):
    (tmp_path / "a").write_text("earlier")
    (tmp_path / "model" / "mine").mkdir(parents=True)
    with pytest.raises(ZeroDivisionError), Staging(tmp_path) as staging:
        staging.path(tmp_path / "a").write_text("new")
        raise ZeroDivisionError
    in_the_way = pytest.raises(InputError, match="model: is a folder")
    with in_the_way, Staging(tmp_path) as staging:
        staging.path(tmp_path / "a").write_text("new")
        staging.path(tmp_path / "model").write_text("new")
    assert (tmp_path / "a").read_text() == "earlier"
    assert names(tmp_path) == ["a", "model"]
    assert names(tmp_path / "model") == ["mine"]


def test_a_subfolder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "plots").write_text("")
    with pytest.raises(InputError, match="plots: cannot be written"):
        Staging(tmp_path, "plots")


def test_what_a_killed_run_left_is_removed_after_an_hour(tmp_path):
    live = Staging(tmp_path)
    old = tmp_path / f"{files.PREFIX}killed"
    old.mkdir()
    (old / "model").write_text("")
    os.utime(old, (0, 0))
    with Staging(tmp_path):
        assert not old.exists()
        assert live.folder.exists()
    shutil.rmtree(live.folder)  # as if the live run were old, too
    with live:
        live.path(tmp_path / "a").write_text("new")
    assert names(tmp_path) == ["a"]


def test_ctrl_c_while_files_are_moved_is_ignored(tmp_path, monkeypatch):
    def interrupted_move(place, target):
        signal.raise_signal(signal.SIGINT)
        place.rename(target)

    monkeypatch.setattr(shutil, "move", interrupted_move)
    with Staging(tmp_path) as staging:
        for name in "ab":
            staging.path(tmp_path / name).write_text("new")
    assert names(tmp_path) == ["a", "b"]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
