"""The cure for overfitting: it runs, and what it saves is a model like the lesson's."""

import json

import pytest
from conftest import run_program
from PIL import Image


@pytest.mark.slow
def test_it_trains_saves_and_compares(lessons):
    folder, _ = lessons["hello_mnist"]
    options = ("--data", "optdigits", "--epochs", "20", "--output-dir", folder)
    run = run_program("-m", "examples.less_overfitting", *options)
    assert run.returncode == 0, run.stderr
    models = folder / "saved_models"
    records = {
        name: json.loads((models / f"{name}-optdigits.json").read_text())
        for name in ("less_overfitting", "hello_mnist")
    }
    gaps = {
        name: record["history"]["train_accuracy"][-1] - record["test"]["accuracy"]
        for name, record in records.items()
    }
    assert gaps["less_overfitting"] < gaps["hello_mnist"]
    rates = records["less_overfitting"]["history"]["learning_rate"]
    assert rates[0] == pytest.approx(0.001)
    assert rates[-1] == pytest.approx(0.0001)
    plot = folder / "plots" / "less_overfitting-optdigits_accuracy.png"
    assert Image.open(plot).width == 1000  # two panels
