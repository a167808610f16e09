"""from_scratch/relu_borders.py: with more relu neurons the border has more bends."""

import re

import pytest
from conftest import PROJECT, run_program


@pytest.mark.slow
def test_a_network_without_relu_reads_fewer_points(tmp_path):
    program = PROJECT / "from_scratch" / "relu_borders.py"
    process = run_program(program, cwd=tmp_path)
    right = dict(re.findall(r"(\d+) relu neurons: (\d\.\d+)", process.stdout))
    assert float(right["0"]) + 0.1 < float(right["50"])
    assert (tmp_path / "plots" / "relu_borders.png").exists()
