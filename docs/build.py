"""Make docs/lesson.md's numbers and pictures anew, docs/draw.html and the notebooks.

    python docs/build.py              all of it, about ten minutes
    python docs/build.py lesson       the lesson without its exercises, and draw.html
    python docs/build.py notebooks

It needs MNIST itself. The lesson is a program: where it says "Run `hello_mnist.py` to
the end of the cell `Data`", that part is run, and each ```python block is run after it,
with the page's names. What they print replaces the ```text block below them. So no
number there can differ from what the code above it prints. (Code that is only to be
read stands in ```py.) A test asks that each number in the sentences is printed, too.

hello_mnist.zh.ipynb is hello_mnist.py with the texts that docs/zh.json has for those of
the page. A test names each text that is missing there.

After: pip install -r requirements/notebooks.txt
"""

import argparse
import ast
import contextlib
import io
import json
import os
import re
import shutil
import sys
import tempfile
import tokenize
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DOCS = PROJECT / "docs"
PAGES = "hello_mnist", "binary_zero_one"
if str(PROJECT) not in sys.path:
    sys.path.insert(0, str(PROJECT))

RUN = re.compile(
    r"(?ms)^\*\*Run `hello_mnist.py` to the end of the cell `(?P<cell>[^`]+)`\.\*\*\n"
    r"|^```python\n(?P<code>.*?)^```\n"
)
PRINTED = re.compile(r"(?ms)\n```text\n.*?^```\n")
BLOCK = re.compile(r"(?ms)^```\w+\n.*?^```\n")
ANSWERS = "## 9. Exercises"  # from here on the code takes long


# %% A page's cells
def split_cells(page: str) -> list[tuple[str, str]]:
    """Return title and source of each `# %%` cell; the first is what stands above."""
    parts = re.split(r"(?m)^# %% (.*)\n", page)
    return [("", parts[0]), *zip(parts[1::2], parts[2::2])]


def notebook_cells(
    page: str, translate: Callable[[str], str] = lambda english: english
) -> list[tuple[str, str]]:
    """Return a page as a notebook's cells: ("markdown" or "code", source).

    The docstring and each title become text. So does a comment of whole lines that
    stands below a title or a blank line; the code itself stays as it is.

    Args:
        page: its source.
        translate: is given each paragraph of the docstring, each title and each
            comment, in one line; its result stands in the notebook. A dict's
            __getitem__ raises KeyError for a text that it lacks.
    """
    (_, docstring), *cells = split_cells(page)
    heading, *paragraphs = ast.literal_eval(docstring.strip()).strip().split("\n\n")
    text = [f"# {as_text(heading, translate)}"]
    text += [as_text(paragraph, translate) for paragraph in paragraphs]
    result = [("markdown", "\n\n".join(text))]
    for title, source in cells:
        text = f"## {as_text(title, translate)}"
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
                result.append(("code", translate_comments(part.strip("\n"), translate)))
                text = ""
        if text:
            result.append(("markdown", text))
    return result


def as_text(paragraph: str, translate: Callable[[str], str]) -> str:
    """Return a paragraph as one line of Markdown, in which ** does not mean bold."""
    return translate(" ".join(paragraph.split())).replace("*", r"\*")


def translate_comments(code: str, translate: Callable[[str], str]) -> str:
    """Return code in which each comment is translated, and nothing else."""
    lines = code.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            comment = translate(token.string.removeprefix("# "))
            lines[row - 1] = f"{lines[row - 1][:column]}# {comment}"
    return "\n".join(lines)


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


# %% The lesson
def run_lesson(lesson: str, page: str) -> tuple[str, dict]:
    """Run a lesson and its page in the current folder.

    Returns:
        the lesson with what its code prints now, and the names it has made.
    """
    cells = split_cells(page)
    names = {"__name__": "__main__"}
    text, position = "", 0
    while match := RUN.search(lesson, position):
        output = PRINTED.match(lesson, match.end())
        text += lesson[position : match.end()]
        position = (output or match).end()
        sources = [match["code"]]
        if match["cell"]:
            titles = [title for title, _ in cells]
            last = next(i for i, t in enumerate(titles) if t.startswith(match["cell"]))
            sources = [source for _, source in cells[: last + 1]]
            cells = cells[last + 1 :]
        with contextlib.redirect_stdout(io.StringIO()) as screen:
            for source in sources:
                Path("cell.py").write_text(source, encoding="utf-8")
                exec(compile(source, "cell.py", "exec"), names)
        printed = tidy(screen.getvalue()).strip("\n")
        if printed and (output or match["code"]):  # a page's output only if asked for
            text += f"\n```text\n{printed}\n```\n"
        print(printed, flush=True)
    return text + lesson[position:], names


def copy_blocks(lesson: str, translation: str) -> str:
    """Return a translated lesson with the lesson's blocks of code and output."""
    blocks = iter(BLOCK.findall(lesson))
    return BLOCK.sub(lambda _: next(blocks), translation)


def build_lesson(with_exercises: bool) -> None:
    """Write both lessons, their pictures, the README's, and the page to draw on."""
    import matplotlib

    matplotlib.use("Agg")
    from docs import pictures
    from draw import make

    path = DOCS / "lesson.md"
    lesson = path.read_text(encoding="utf-8")
    end = len(lesson) if with_exercises else lesson.index(ANSWERS)
    page = (PROJECT / "hello_mnist.py").read_text(encoding="utf-8")
    text, names = run_lesson(lesson[:end], page)
    pictures.draw_all(names, DOCS)
    for name in ("accuracy", "mistakes"):
        shutil.copy(f"plots/hello_mnist_{name}.png", DOCS)
    saved, drawn = Path("saved_models/hello_mnist.keras"), Path("draw.html")
    make.main(argparse.Namespace(model=saved, output=drawn))
    shutil.copy(drawn, DOCS)
    lesson = text + lesson[end:]
    path.write_text(lesson, encoding="utf-8", newline="\n")
    path = DOCS / "lesson.zh.md"
    translation = copy_blocks(lesson, path.read_text(encoding="utf-8"))
    path.write_text(translation, encoding="utf-8", newline="\n")


# %% The notebooks
def notebooks() -> dict[str, list[tuple[str, str]]]:
    """Return each notebook's name and cells: both pages, and the first in Chinese."""
    pages = {name: (PROJECT / f"{name}.py").read_text("utf-8") for name in PAGES}
    cells = {name: notebook_cells(page) for name, page in pages.items()}
    chinese = json.loads((DOCS / "zh.json").read_text("utf-8"))
    cells["hello_mnist.zh"] = notebook_cells(pages["hello_mnist"], chinese.__getitem__)
    return cells


def build_notebooks() -> None:
    """Write the notebooks with what their cells print and draw."""
    import nbclient
    import nbformat

    for name, sources in notebooks().items():
        notebook = nbformat.v4.new_notebook()
        for i, (kind, source) in enumerate(sources):
            new_cell = getattr(nbformat.v4, f"new_{kind}_cell")
            notebook.cells.append(new_cell(source, id=f"cell-{i}"))
        nbclient.NotebookClient(
            notebook, timeout=1200, kernel_name="python3", record_timing=False
        ).execute()
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = merge(cell.outputs)
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
        target = PROJECT / "notebooks" / f"{name}.ipynb"
        text = nbformat.writes(notebook) + "\n"
        target.write_text(text, encoding="utf-8", newline="\n")
        print("Written:", target.relative_to(PROJECT))


def merge(outputs: list) -> list:
    """Return a code cell's outputs, with what is printed in one piece, and tidy."""
    import nbformat

    merged = []
    for output in outputs:
        if "text/plain" in output.get("data", {}) and "image/png" not in output.data:
            # Keras shows a summary in colours, for which GitHub has no place.
            text = output.data["text/plain"]
            output = nbformat.v4.new_output("stream", name="stdout", text=text)
        last = merged[-1] if merged else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            merged.append(output)
    for output in merged:
        if output.output_type == "stream":
            output.text = tidy(output.text)
    return merged


# %% Run as a program
def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", nargs="?", choices=("lesson", "notebooks"))
    part = parser.parse_args().part

    from benchmarks import environment
    from digits import is_mnist, load_data

    os.environ.update(environment())  # for another folder, and the notebooks' kernel
    if not is_mnist(load_data()):
        sys.exit("docs/build.py needs MNIST itself. See docs/data.md.")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        if part != "notebooks":
            build_lesson(with_exercises=not part)
        if part != "lesson":
            build_notebooks()
        os.chdir(PROJECT)  # Windows removes no folder that a program is in


if __name__ == "__main__":
    main()
