"""docs/lesson.md and the notebooks: nothing in them is out of date."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from conftest import NO_NETWORK, PROJECT

from docs import build

LESSON = build.LESSON.read_text(encoding="utf-8")
# Settings, what is defined, estimates, and what others have measured
GIVEN = {"0.01", "0.04", "2.3", "2.7", "1,000", "9,000", "10,000", "50,000"}
GIVEN |= {"0.0001", "0.004", "0.98", "1.5"}
BLOCK = re.compile(r"(?ms)^```.*?^```\n")


def notebook(name: str) -> tuple[build.Cells, list[dict]]:
    """Return a notebook's cells and its outputs."""
    path = PROJECT / "notebooks" / f"{name}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [(cell["cell_type"], "".join(cell["source"])) for cell in cells], outputs


def test_the_lesson_runs_each_cell_of_the_program_once_and_in_order():
    runs = build.lesson_runs(LESSON)
    parts = [build.code_of(cells) for run, cells in runs if run["cell"]]
    assert len(parts) == 6
    whole = build.code_of(build.notebooks()["hello_mnist"])[1:]
    assert [code for part in parts for code in part] == whole


def test_each_number_in_the_lessons_sentences_stands_in_its_code_or_output_too():
    blocks = " ".join(BLOCK.findall(LESSON)).replace("_", ",")  # 60_000
    known = set(re.findall(r"\d[\d,.]*\d|\d", blocks))
    sentences = re.sub(
        r"https?://\S+|CC BY-SA 3.0|Keras 3.15", "", BLOCK.sub("", LESSON)
    )
    numbers = re.findall(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+", sentences)
    assert len(numbers) > 20
    assert not sorted({*numbers} - known - GIVEN)


def test_no_output_is_missing():
    for run in build.RUN.finditer(LESSON):
        if "print(" in (run["code"] or ""):
            assert run["output"], run["code"]


@pytest.mark.parametrize("name", [*build.PROGRAMS, "lesson"])
def test_a_notebook_is_what_it_is_made_from(name):
    cells, outputs = notebook(name)
    assert cells == build.notebooks()[name]
    assert {output["output_type"] for output in outputs} <= {"stream", "display_data"}
    pictures = [output for output in outputs if "data" in output]
    assert len(pictures) == {"binary_zero_one": 2, "hello_numpy": 0}.get(name, 3)
    text = json.dumps([o for o in outputs if o not in pictures], ensure_ascii=False)
    assert not re.search(r"\\u001b|\\b|\\r|/tmp/|/home/|/root/|[A-Z]:\\\\", text)
    assert "THIS IS NOT MNIST" not in text


@pytest.mark.parametrize("name", build.PROGRAMS)
def test_the_program_notebook_has_the_programs_code(name):
    def code_lines(text: str) -> list[str]:
        lines = [line.partition("  # ")[0] for line in text.splitlines()]
        return [line for line in lines if line and not line.startswith("# ")]

    source = build.PROGRAMS[name].read_text(encoding="utf-8")
    code = "\n".join(build.code_of(build.notebook_cells(source)))
    assert code_lines(code) == code_lines(source.split('"""', 2)[2])


def test_the_lesson_notebook_has_its_code_and_exercises_but_no_answers():
    cells = build.notebooks()["lesson"]
    text = "\n".join(source for kind, source in cells if kind == "markdown")
    assert text.count("**Predict:**") == LESSON.count("**Predict:**") >= 6
    assert "Answer</summary>" not in text
    taught = LESSON.partition(build.ANSWERS)[0]
    blocks = re.findall(r"(?ms)^```python\n(.*?)\n^```", taught)
    assert {*blocks} <= {*build.code_of(cells)}
    for link in re.findall(r"\]\(([^)#\s]+)", text):
        assert link.startswith("http") or (PROJECT / "notebooks" / link).exists(), link


def test_the_lessons_outputs_are_replaced():
    printed = ["new\n" for _ in build.lesson_code(LESSON)]
    lesson = build.with_outputs(LESSON, printed)
    outputs = [run["output"] for run in build.RUN.finditer(lesson) if run["output"]]
    assert len(outputs) > 20
    for output in outputs:
        assert set(output.splitlines()) == {"", "```text", "new", "```"}
    assert BLOCK.sub("", lesson) == BLOCK.sub("", LESSON)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*build.PROGRAMS, "lesson"])
def test_a_notebook_runs_where_it_lies(name, optdigits_file, tmp_path, monkeypatch):
    """With an empty cache, no network, and a relative MNIST_DATA.

    The lesson only up to section 5, whose loop needs 60,000 images.
    """
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    shutil.copytree(PROJECT / "digits", tmp_path / "digits")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    settings = {"KERAS_HOME": str(tmp_path / "empty"), **NO_NETWORK}
    settings["MNIST_DATA"] = os.path.relpath(optdigits_file, folder)
    for variable, value in settings.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    path = PROJECT / "notebooks" / f"{name}.ipynb"
    made = nbformat.read(path, as_version=4)
    if name == "lesson":
        starts = ["## 5. " in cell.source for cell in made.cells]
        made.cells = made.cells[: starts.index(True)]
    client = nbclient.NotebookClient(made, timeout=600, kernel_name="python3")
    client.execute(cwd=str(folder))
    outputs = [output for cell in made.cells for output in cell.get("outputs", [])]
    shown = ["image/png" in output.get("data", {}) for output in outputs]
    assert any(shown) == (name != "hello_numpy")
    if name in ("hello_mnist", "lesson"):
        assert (tmp_path / "plots" / "hello_mnist_digits.png").exists()
    assert not [*folder.iterdir()]


@pytest.mark.slow
def test_the_lesson_prints_what_it_says(mnist, tmp_path, monkeypatch):
    """Without section 7 and the exercises: exactly before the training, then nearly."""
    pytest.importorskip("nbclient")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_DATA", str(mnist))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    old = LESSON.partition("## 7. ")[0]
    outputs = build.execute(build.lesson_code(old))
    printed = ["".join(o.get("text", "") for o in cell) for cell in outputs]
    new = build.with_outputs(old, printed)
    before = "## 5. "
    assert new.partition(before)[0] == old.partition(before)[0]
    said, measured = (
        re.search(r"Accuracy: train (\S+), test (\S+)", text).groups()
        for text in (old, new)
    )
    for a, b in zip(said, measured, strict=True):
        assert float(a) == pytest.approx(float(b), abs=0.004)
    assert Path("saved_models", "hello_mnist.keras").exists()
