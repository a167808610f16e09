"""The benchmarks run on little data; no test asserts a time."""

import re
from argparse import Namespace

import pytest
from conftest import run_program, write_idx_folder

from benchmarks import processes, scaling, training


def test_measures_time_memory_and_output():
    command = ("-c", "print(len(b'x' * 300_000_000))")
    seconds, megabytes, output = processes.measure(*command)
    assert output.strip() == "300000000"
    assert seconds > 0
    assert megabytes > 280


def test_ratios_are_those_within_a_round():
    def runs(*seconds):
        return [training.Run(1.0, s, 100.0, 0.98, {}) for s in seconds]

    # A round on a busy machine is slow for both: the ratio hardly changes.
    text = training.table({training.PLAIN: runs(10, 30, 20), "other": runs(5, 18, 8)})
    row = "| other | 1.0 (1.0 to 1.0) | 8.0 (5.0 to 18.0) | 0.50 (0.40 to 0.60)"
    assert row in text


def test_a_failing_lesson_ends_the_benchmark_with_its_error():
    process = run_program("-m", "benchmarks.seeds", "hello_mnist", "--epochs", "0")
    assert process.returncode == 2
    assert process.stderr.splitlines()[-1].startswith("hello_mnist.py: error: ")
    assert "Traceback" not in process.stderr


@pytest.mark.slow
def test_training_runs_every_program_and_each_learns():
    command = ("-m", "benchmarks.training", "--data", "optdigits", "--rounds", "1")
    process = run_program(*command)
    assert process.returncode == 0, process.stderr
    rows = re.findall(r"^\| (\S.*?) \| \d.*\) \| ([\d.]+) \|$", process.stdout, re.M)
    names = {name for name, _ in rows}
    assert names >= {training.PLAIN, "the same with `validation_data`"}
    assert names >= {"NumPy: from_scratch/hello_numpy.py", *training.LESSONS}
    for name, accuracy in rows:  # shuffled otherwise, PyTorch's loader learns less here
        assert float(accuracy) > (0.75 if "DataLoader" in name else 0.8), name
    assert re.search(r"\| plain Keras script \| .* \| 1.00 \(", process.stdout)
    assert re.search(r"\| lower bound.* \| [\d.]+ \|", process.stdout)
    for phase in ("import", "first epoch", "drawing", "start and end of Python"):
        assert re.search(rf"\| {phase} \| [\d.]+ \| [\d.]+ \|", process.stdout)


@pytest.mark.slow
def test_scaling_runs_on_tiny_data(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scaling, "PARTS", (0.5, 1.0))  # else it takes a minute
    monkeypatch.setattr(scaling, "WIDTHS", (128, 512))
    folder = write_idx_folder(tmp_path / "tiny", tiny)
    scaling.main(Namespace(data=str(folder), rounds=1, output_dir=tmp_path))
    output = capsys.readouterr().out
    for size in ("| 20 | 512 |", "| 40 | 512 |", "| 40 | 128 |"):
        assert output.count(size) == 1
    assert output.count("least squares: ") == 2
    assert [*tmp_path.glob("docs/*")] == [tmp_path / "docs" / "scaling.png"]


@pytest.mark.slow
def test_seeds_prints_each_seed_and_a_summary():
    settings = ("--data", "optdigits", "--epochs", "1", "--hidden-units", "8")
    command = ("-m", "benchmarks.seeds", "hello_mnist", "--seeds", "2", *settings)
    process = run_program(*command)
    assert process.returncode == 0, process.stderr
    assert process.stdout.count("optdigits") == 2
    assert re.search(r"mean 0\.\d{4}, standard deviation 0\.\d{4}", process.stdout)
