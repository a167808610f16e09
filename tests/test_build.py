"""docs/lesson.md and the notebooks: nothing in them is out of date."""

import json
import re
import textwrap

import pytest
from conftest import PROJECT

from docs import build

LESSON = (PROJECT / "docs" / "lesson.md").read_text(encoding="utf-8")
GIVEN = {"0.01", "1.96", "2.3", "1,000", "10,000"}  # settings, and what is defined
BLOCK = re.compile(r"(?ms)^```.*?^```\n")


def page(name: str) -> str:
    return (PROJECT / f"{name}.py").read_text(encoding="utf-8")


def test_each_cell_that_the_lesson_names_is_there():
    titles = [title for title, _ in build.split_cells(page("hello_mnist"))]
    named = [run["cell"] for run in build.RUN.finditer(LESSON) if run["cell"]]
    order = [i for cell in named for i, t in enumerate(titles) if t.startswith(cell)]
    assert len(named) == len(order) == 5
    assert order == sorted(order)


def test_each_number_in_the_lessons_sentences_stands_in_its_code_or_output_too():
    blocks = " ".join(BLOCK.findall(LESSON))
    known = set(re.findall(r"\d[\d,.]*\d|\d", blocks))
    sentences = re.sub(r"https?://\S+|CC BY-SA 3.0", "", BLOCK.sub("", LESSON))
    numbers = re.findall(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+", sentences)
    assert len(numbers) > 20
    assert not sorted({*numbers} - known - GIVEN)


def test_no_output_is_missing_and_every_answer_is_folded():
    for run in build.RUN.finditer(LESSON):
        if "print(" in (run["code"] or ""):
            assert build.PRINTED.match(LESSON, run.end()), run["code"]
    exercises = LESSON.partition(build.ANSWERS)[2]
    assert len(re.findall(r"(?m)^\*\*\d+\.\*\*", exercises)) >= 10
    assert exercises.count("<details>") == exercises.count("</details>") >= 10


@pytest.mark.parametrize("name", build.notebooks())
def test_a_notebook_is_its_page(name):
    path = PROJECT / "notebooks" / f"{name}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    assert cells == build.notebooks()[name]

    def code_lines(text: str) -> list[str]:
        lines = [line.partition("  # ")[0] for line in text.splitlines()]
        return [line for line in lines if line and not line.startswith("# ")]

    page_name = name.removesuffix(".zh")
    (source,) = [each for each in build.PAGES if each.endswith(page_name)]
    without_docstring = page(source).split('"""', 2)[2]
    code = "\n".join(source for kind, source in cells if kind == "code")
    assert code_lines(code) == code_lines(without_docstring)

    outputs = [o for c in notebook["cells"] for o in c.get("outputs", [])]
    assert not [output for output in outputs if output["output_type"] == "error"]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    drawn = {"hello_mnist": 3, "binary_zero_one": 2, "hello_numpy": 0}
    assert len(pictures) == drawn[page_name]
    text = json.dumps([o for o in outputs if o not in pictures], ensure_ascii=False)
    assert not re.search(r"\\u001b|\\b|\\r|/tmp/|/home/|/root/|[A-Z]:\\\\", text)
    assert "THIS IS NOT MNIST" not in text


def test_a_progress_bar_leaves_its_last_state():
    bar = "\r\x1b[1m 1/2\x1b[0m 3s 5ms/step - loss: 2" + "\b" * 9
    printed = f"Epoch 1\n{bar}\r2/2 ━━ 0s 571us/step - loss: 1   \nDone\n"
    assert build.tidy(printed) == "Epoch 1\n2/2 ━━ loss: 1\nDone\n"


def test_the_lessons_outputs_are_replaced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = '"""A page."""\n\n# %% One\na = 1\nprint("a")\n\n# %% Two: b\nb = 2\n'
    lesson = textwrap.dedent("""\
        **Run `hello_mnist.py` to the end of the cell `One`.**

        ```python
        print(a)
        ```

        ```text
        old
        ```

        **Run `hello_mnist.py` to the end of the cell `Two`.**

        ```text
        old
        ```

        ```py
        print("only to be read")
        ```

        ```python
        c = a + b
        ```
        """)
    text, names = build.run_lesson(lesson, source)
    assert text == lesson.replace("old", "1", 1).replace("\n```text\nold\n```\n", "", 1)
    assert names["c"] == 3


@pytest.mark.slow
def test_the_lesson_prints_what_it_says(mnist, tmp_path, monkeypatch):
    """Without the exercises: exactly before the training, then nearly."""
    import keras
    import matplotlib

    matplotlib.use("agg")
    keras.utils.clear_session()  # layers are numbered from the start again
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_DATA", str(mnist))
    old = LESSON.partition(build.ANSWERS)[0]
    new, _ = build.run_lesson(old, page("hello_mnist"))
    before = "the cell `Train`"
    assert new.partition(before)[0] == old.partition(before)[0]
    pattern = r"Accuracy: train (\S+), test (\S+)"
    accuracies = [re.findall(pattern, text) for text in (old, new)]
    assert len(accuracies[0]) == 5
    for said, measured in zip(*accuracies, strict=True):
        for a, b in zip(said, measured, strict=True):
            assert float(a) == pytest.approx(float(b), abs=0.004)
