"""Make what the docs show: the lesson, its pictures, the notebooks, docs/draw.html.

    python docs/build.py              all of it, about half an hour
    python docs/build.py lesson       docs/lesson.md without its exercises, and pictures
    python docs/build.py notebooks    three programs as notebooks
    python docs/build.py commands     what stands below `python ...` in the lesson
    python docs/build.py texts        all notebooks anew, with the outputs they have

It needs MNIST itself. The lesson is a program: where it says "Run `hello_mnist.py` to
the end of the cell `Data`", that part is run, and each ```python block is run after it,
with the program's names. What they print replaces the ```text block below them. So no
number there can differ from what the code above it prints. (Code that is only to be
read stands in ```py.) A test asks that each number in the sentences is printed, too.
lesson.ipynb has the same cells with the same output, without the exercises' answers.
The Chinese notebooks take their outputs from the English ones: nothing is run for them.

After: pip install -r requirements/all.txt
"""

import argparse
import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DOCS = PROJECT / "docs"
LESSON = DOCS / "lesson.md"
PICTURES = DOCS / "pictures"
sys.path.insert(0, str(PROJECT))

from docs.translate import PROGRAMS, Translate, chinese, translated_code

RUN = re.compile(  # in any language: a bold line that names the program and a cell
    r"(?ms)(?:^\*\*[^`\n]*`hello_mnist\.py`[^`\n]*`(?P<cell>[^`\n]+)`[^`\n]*\*\*\n"
    r"|^```python\n(?P<code>.*?)^```\n)"
    r"(?P<output>\n```text\n.*?^```\n)?"
)
COMMAND = re.compile(r"(?m)^```text\npython (?P<words>.+)\n(?P<lines>(?:.+\n)*?)```\n")
Cells = list[tuple[str, str]]  # "markdown" or "code", and the source
ANSWERS = "## 9. "  # from here on the code takes long
FIRST_CELL = """\
import os
import sys
from pathlib import Path

if "google.colab" in sys.modules:
    %pip install --quiet "keras>=3.12.1,!=3.13.0,!=3.13.1" tensorflow matplotlib
elif Path("../digits").is_dir():  # opened in notebooks/: use the project's folders
    if os.environ.get("MNIST_DATA"):
        os.environ["MNIST_DATA"] = os.path.abspath(os.environ["MNIST_DATA"])
    os.chdir("..")
    sys.path.insert(0, os.getcwd())"""


# %% A program's cells
def split_cells(program: str) -> list[tuple[str, str]]:
    """Return title and source of each `# %%` cell; the first is what stands above."""
    parts = re.split(r"(?m)^# %% (.*)\n", program)
    return [("", parts[0]), *zip(parts[1::2], parts[2::2])]


def notebook_cells(program: str, translate: Translate = str) -> Cells:
    """Return a program as a notebook's cells; its docstring becomes text.

    Args:
        program: its source.
        translate: is given each paragraph of the docstring, each title and each
            comment, in one line; its result stands in the notebook.
    """
    (_, docstring), *cells = split_cells(program)
    paragraphs = ast.literal_eval(docstring.strip()).strip().split("\n\n")
    texts = [as_text(paragraph, translate) for paragraph in paragraphs]
    return [("markdown", "# " + "\n\n".join(texts)), *as_cells(cells, "## ", translate)]


def as_cells(cells: list, heading: str, translate: Translate) -> Cells:
    """Return a program's cells, each (title, source), as a notebook's.

    A title becomes text. So does a comment of whole lines that stands below a title or
    a blank line; the code itself stays as it is.
    """
    result = []
    for title, source in cells:
        text = heading + as_text(title, translate)
        # Even parts are code, odd ones comments.
        for i, part in enumerate(
            re.split(r"(?m)(?:\A|(?<=\n\n))((?:^# .*\n)+)", source)
        ):
            if i % 2:
                comment = as_text(re.sub(r"(?m)^# ", "", part), translate)
                text = f"{text}\n\n{comment}".strip()
            elif part.strip():
                if text:
                    result.append(("markdown", text))
                result.append(("code", translated_code(part.strip("\n"), translate)))
                text = ""
        if text:
            result.append(("markdown", text))
    return result


def as_text(paragraph: str, translate: Translate) -> str:
    """Return a paragraph as one line of Markdown, in which ** does not mean bold."""
    return translate(" ".join(paragraph.split())).replace("*", r"\*")


def tidy(printed: str) -> str:
    """Return what is left on the screen in the end, without colours and times.

    A progress bar goes back (\\r, \\b) and writes over itself: its last state counts.
    """
    printed = re.sub(r"\x1b\[[0-9;]*m", "", printed)
    lines = []
    for line in printed.split("\n"):
        states = [state for state in re.split(r"[\r\b]+", line) if state.strip()]
        lines.append(re.sub(r" \d+m?s \d+[mu]?s/step -", "", (states or [""])[-1]))
    return "\n".join(line.rstrip() for line in lines)


# %% The lesson's cells
def lesson_runs(lesson: str, translate: Translate = str) -> list:
    """Return (match, cells) for each place in a lesson where something is run."""
    _, *cells = split_cells(PROGRAMS["hello_mnist"].read_text(encoding="utf-8"))
    runs = []
    for match in RUN.finditer(lesson):
        if match["code"]:
            made = [("code", match["code"].rstrip("\n"))]
        else:
            titles = [title for title, _ in cells]
            last = next(i for i, t in enumerate(titles) if t.startswith(match["cell"]))
            made = as_cells(cells[: last + 1], "### hello_mnist.py: ", translate)
            cells = cells[last + 1 :]
        runs.append((match, made))
    return runs


def code_of(cells: Cells) -> list[str]:
    return [source for kind, source in cells if kind == "code"]


def lesson_code(lesson: str) -> list[str]:
    """Return the source of each code cell that a lesson runs."""
    return [source for _, cells in lesson_runs(lesson) for source in code_of(cells)]


def lesson_cells(lesson: str, translate: Translate) -> Cells:
    """Return the lesson's notebook: its text, its code, the program where it is run.

    Exercises stand there without their answers, each with an empty cell below it.
    """
    start = lesson.index(ANSWERS)
    end = lesson.index("\n## ", start)
    result, position = [], 0
    for match, cells in lesson_runs(lesson[:start], translate):
        text = lesson[position : match.start()].strip()
        result += [("markdown", text)] if text else []
        result += cells
        position = match.end()
    result.append(("markdown", lesson[position:start].strip()))
    exercises = re.sub(r"(?s)\n<details>.*?</details>\n", "", lesson[start:end])
    for exercise in re.split(r"(?m)^(?=\*\*\d+\.\*\*)", exercises):
        result += [("markdown", exercise.strip()), ("code", "")]
    result.append(("markdown", lesson[end:].strip()))
    return [(kind, relinked(s) if kind == "markdown" else s) for kind, s in result]


def relinked(text: str) -> str:
    """Return a text of docs/ with links that hold in notebooks/."""
    text = re.sub(r"\]\((?!http|#|\.\./)", "](../docs/", text)
    return re.sub(r"\]\(\.\./docs/lesson(\.zh)?\.md\)", r"](lesson\1.ipynb)", text)


# %% Run and write
def execute(sources: list[str]) -> list[list]:
    """Run code cells in turn in the current folder; return the outputs of each."""
    import nbclient
    import nbformat

    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbclient.NotebookClient(
        notebook, timeout=3600, kernel_name="python3", record_timing=False
    ).execute()
    return [tidy_outputs(cell.outputs) for cell in notebook.cells]


def tidy_outputs(outputs: list) -> list:
    """Return a code cell's outputs: all that it printed, in one piece, and pictures."""
    import nbformat

    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    # Keras shows a summary in colours, for which GitHub has no place: as text/plain.
    others = [output for output in outputs if output not in pictures]
    text = tidy("".join(o.get("text") or o.data["text/plain"] for o in others))
    printed = nbformat.v4.new_output("stream", name="stdout", text=text)
    return [printed, *pictures] if text else pictures


def with_outputs(lesson: str, printed: list[str]) -> str:
    """Return a lesson in which stands what its code cells have printed."""
    runs, printed = iter(lesson_runs(lesson)), iter(printed)

    def renewed(match: re.Match) -> str:
        _, cells = next(runs)
        text = "".join(next(printed) for _ in code_of(cells)).strip("\n")
        run = match[0].removesuffix(match["output"] or "")
        # A program's part prints much: it stands there only if asked for.
        if text and (match["output"] or match["code"]):
            run += f"\n```text\n{text}\n```\n"
        return run

    return RUN.sub(renewed, lesson)


def build_lesson(with_answers: bool) -> None:
    """Write docs/lesson.md, its pictures and its notebook."""
    lesson = LESSON.read_text(encoding="utf-8")
    code = lesson_code(lesson)
    draw = "from docs import pictures\npictures.draw_all(globals())"
    before = len(lesson_code(lesson.partition(ANSWERS)[0]))
    answers = code[before:] if with_answers else []
    outputs = execute([*code[:before], draw, *answers])
    del outputs[before]
    lesson = LESSON.read_text(encoding="utf-8")  # a sentence may have been changed
    if lesson_code(lesson) != code:
        sys.exit("docs/lesson.md has other code now. Run this again.")
    printed = ["".join(o.get("text", "") for o in cell) for cell in outputs]
    end = len(lesson) if with_answers else lesson.index(ANSWERS)
    lesson = with_outputs(lesson[:end], printed) + lesson[end:]
    LESSON.write_text(lesson, encoding="utf-8", newline="\n")
    write_notebook("lesson", notebooks()["lesson"], outputs)


def build_programs() -> None:
    """Write the programs as notebooks."""
    made = notebooks()
    for name in PROGRAMS:
        # The first cell looks for the project: here it is not run.
        write_notebook(name, made[name], execute(code_of(made[name])[1:]))


def build_texts() -> None:
    """Write all notebooks, in both languages, with the English ones' outputs.

    Enough after a change of words. After a change of code, run that.
    """
    import nbformat

    translated = notebooks(".zh")
    for name, cells in notebooks().items():
        path = PROJECT / "notebooks" / f"{name}.ipynb"
        made = nbformat.read(path, as_version=4).cells
        code = [cell for cell in made if cell.cell_type == "code" and cell.source]
        outputs = [cell.outputs for cell in code[1:]]
        write_notebook(name, cells, outputs)
        write_notebook(f"{name}.zh", translated[name], outputs)


def write_notebook(name: str, cells: Cells, outputs: list[list]) -> None:
    """Write a notebook whose first code cell, and empty ones, have no output."""
    import nbformat

    notebook, outputs, number = nbformat.v4.new_notebook(), iter(outputs), 0
    for i, (kind, source) in enumerate(cells):
        new_cell = getattr(nbformat.v4, f"new_{kind}_cell")
        cell = new_cell(source, id=f"cell-{i}")
        if kind == "code" and source and not source.startswith(FIRST_CELL[:10]):
            number += 1
            cell.execution_count, cell.outputs = number, next(outputs)
        notebook.cells.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    target = PROJECT / "notebooks" / f"{name}.ipynb"
    text = nbformat.writes(notebook) + "\n"
    target.write_text(text, encoding="utf-8", newline="\n")
    print("Written:", target.relative_to(PROJECT), flush=True)


def notebooks(language: str = "") -> dict[str, Cells]:
    """Return the cells of each notebook in a language: "" for English, or ".zh"."""
    translate = chinese if language else str
    first = ("code", translated_code(FIRST_CELL, translate))
    cells = {}
    for name, path in PROGRAMS.items():
        cells[name] = notebook_cells(path.read_text(encoding="utf-8"), translate)
    lesson = (DOCS / f"lesson{language}.md").read_text(encoding="utf-8")
    cells["lesson"] = lesson_cells(lesson, translate)
    return {name: [made[0], first, *made[1:]] for name, made in cells.items()}


def build_commands() -> None:
    """Run what stands behind `python` in the lesson; show as many last lines of it."""
    progress = re.compile(r"Epoch |\d+/\d+ |Seed |Saved: |$")
    for words, old in COMMAND.findall(LESSON.read_text(encoding="utf-8")):
        program, *options = shlex.split(words)
        if program != "-m":
            program = str(PROJECT / program)
        command = [sys.executable, program, *options]
        printed = subprocess.run(
            command, stdout=subprocess.PIPE, encoding="utf-8", check=True
        ).stdout
        lines = [line for line in printed.splitlines() if not progress.match(line)]
        new = "".join(f"{line}\n" for line in lines[-old.count("\n") :])
        lesson = LESSON.read_text(encoding="utf-8")
        lesson = lesson.replace(f"python {words}\n{old}", f"python {words}\n{new}")
        LESSON.write_text(lesson, encoding="utf-8", newline="\n")


# %% Run as a program
def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = "lesson", "notebooks", "commands", "texts"
    parser.add_argument("part", nargs="?", choices=parts)
    part = parser.parse_args().part
    if part == "texts":
        return build_texts()

    from benchmarks import project_environment
    from digits import is_mnist, load_data

    os.environ.update(project_environment())  # for the notebooks' kernel, too
    if not is_mnist(load_data()):
        sys.exit("docs/build.py needs MNIST itself. See docs/data.md.")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        if part in (None, "lesson"):
            build_lesson(with_answers=part is None)
        if part in (None, "notebooks"):
            build_programs()
        if part in (None, "commands"):
            build_commands()
        if part is None:
            model = "saved_models/hello_mnist"
            subprocess.run([sys.executable, "-m", "draw", f"{model}.keras"], check=True)
            shutil.copy(f"{model}.html", DOCS / "draw.html")
        for plot in Path("plots").glob("*.png"):
            if (PICTURES / plot.name).exists():  # some text shows it
                shutil.copy(plot, PICTURES)
        os.chdir(PROJECT)  # Windows removes no folder that a program is in


if __name__ == "__main__":
    main()
