"""Files appear whole or not at all, and nothing else stays behind."""

import os
import signal
import subprocess
import sys

import pytest

from digits.errors import InputError
from digits.files import Staging

KILLED = """
import sys, time
from pathlib import Path
from digits.files import Staging
Staging(Path(sys.argv[1]))
print("ready", flush=True)
time.sleep(60)
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_all_files_appear_at_the_end_in_the_place_of_earlier_ones(tmp_path):
    (tmp_path / "a").write_text("earlier")
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "old").write_text("earlier")
    with Staging(tmp_path) as staging:
        staging.path(tmp_path / "a").write_text("new")
        staging.path(tmp_path / "plots" / "a").write_text("new too")
        folder = staging.path(tmp_path / "export")
        folder.mkdir()
        (folder / "new").write_text("")
        assert (tmp_path / "a").read_text() == "earlier"
    assert (tmp_path / "a").read_text() == "new"
    assert (tmp_path / "plots" / "a").read_text() == "new too"
    assert names(tmp_path / "export") == ["new"]
    assert names(tmp_path) == ["a", "export", "plots"]


def test_after_a_failure_nothing_has_changed(tmp_path):
    (tmp_path / "a").write_text("earlier")
    (tmp_path / "model" / "mine").mkdir(parents=True)
    with pytest.raises(ZeroDivisionError), Staging(tmp_path) as staging:
        staging.path(tmp_path / "a").write_text("new")
        raise ZeroDivisionError
    in_the_way = pytest.raises(InputError, match="model: is in the way")
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


def test_what_a_killed_run_left_is_removed_and_a_live_run_is_left_alone(tmp_path):
    run = subprocess.Popen(
        [sys.executable, "-c", KILLED, tmp_path], stdout=subprocess.PIPE, text=True
    )
    assert run.stdout.readline() == "ready\n"
    with Staging(tmp_path):
        assert len(names(tmp_path)) == 2
    assert len(names(tmp_path)) == 1
    run.kill()
    run.communicate()
    with Staging(tmp_path):
        assert len(names(tmp_path)) == 1
    assert names(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="Windows sends no signals")
def test_ctrl_c_while_files_are_moved_comes_after_it(tmp_path, monkeypatch):
    def interrupted_rename(self, target):
        signal.raise_signal(signal.SIGINT)
        self.rename(target)

    monkeypatch.setattr("pathlib.Path.replace", interrupted_rename)
    with pytest.raises(KeyboardInterrupt), Staging(tmp_path) as staging:
        for name in "ab":
            staging.path(tmp_path / name).write_text("new")
    assert names(tmp_path) == ["a", "b"]
