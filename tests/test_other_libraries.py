"""The network in PyTorch, JAX and scikit-learn learns."""

import re

import pytest
from conftest import need, run_program, write_program


@pytest.mark.slow
@pytest.mark.parametrize("library", ["torch", "jax", "sklearn"])
def test_learns(library, optdigits_file, tmp_path):
    need(library)
    name = {"torch": "pytorch"}.get(library, library)
    settings = "epochs, batch_size, hidden_units, learning_rate, seed"
    changed = {settings: (10, 16, 64, 0.001, 0)}
    program = write_program(tmp_path, f"examples/hello_{name}.py", **changed)
    process = run_program(program, cwd=tmp_path, MNIST_DATA=str(optdigits_file))
    accuracy = re.search(r"(?m)^Accuracy: test (\d\.\d{4})\n\Z", process.stdout)
    assert float(accuracy[1]) > 0.8
