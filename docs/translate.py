"""The Chinese side: what it takes from the English, and whether it is up to date.

    python docs/translate.py                  name what is missing or out of date
    python docs/translate.py docs/lesson.md   its translation is up to date: record that

Code has one copy. docs/zh.json has the Chinese for each text of a program (docstring,
title of a cell, comment) and for each comment in a document's code; its keys are the
English, with single spaces. A line break in the Chinese stays one.

Documents are translated by hand, freely. docs/translated.json holds, for each, the
English paragraphs that its translation was made from. To record a document also copies
its blocks of code and output into the translation, with translated comments.
"""

import hashlib
import json
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
TEXTS = json.loads((PROJECT / "docs" / "zh.json").read_text(encoding="utf-8"))
RECORD = PROJECT / "docs" / "translated.json"
PROGRAMS = {  # those that are notebooks, too
    "hello_mnist": PROJECT / "hello_mnist.py",
    "binary_zero_one": PROJECT / "binary_zero_one.py",
    "hello_numpy": PROJECT / "from_scratch" / "hello_numpy.py",
}
BLOCK = re.compile(r"(?ms)^```(js|py|python|text)\n(.*?)^```\n")  # not the commands
DOCSTRING = re.compile(r'(?ms)^( +)"""(.*?)"""$')
# Whole lines of comments, as long as they are indented alike; or behind code
COMMENT = re.compile(r"(?m)^( *)# .*(?:\n\1# .*)*|(?<=\S  )# .*$")
Translate = Callable[[str], str]


# %% Texts and comments
def one_line(text: str) -> str:
    return " ".join(text.split())


def chinese(text: str) -> str:
    """Return the Chinese for a text of a program, or raise KeyError with the text.

    What has no letters, such as a shape, stays as it is.
    """
    return TEXTS[text] if re.search("[A-Za-z]", text) else text


def translated_code(source: str, translate: Translate = chinese) -> str:
    """Return code whose comments and docstrings are translated, and nothing else.

    Comments of whole lines that follow one another are one text, and so is each
    paragraph of a docstring.
    """

    def docstring(match: re.Match) -> str:
        paragraphs = [one_line(text) for text in match[2].split("\n\n")]
        translated = [translate(text) for text in paragraphs]
        if translated == paragraphs:
            return match[0]
        text = "\n\n".join(translated)
        end = '\n"""' if "\n" in text else '"""'
        return textwrap.indent(f'"""{text}{end}', match[1])

    def comment(match: re.Match) -> str:
        text = one_line(re.sub(r"(?m)^ *# ", "", match[0]))
        translated = translate(text)
        if translated == text:
            return match[0]
        indent = match[1] or ""
        return f"{indent}# " + translated.replace("\n", f"\n{indent}# ")

    return COMMENT.sub(comment, DOCSTRING.sub(docstring, source))


# %% Documents
def documents() -> list[str]:
    """Return the English documents that have a translation: README.md, docs/…"""
    found = [*PROJECT.glob("*.zh.md"), *PROJECT.glob("docs/*.zh.md")]
    names = (path.relative_to(PROJECT).as_posix() for path in found)
    return sorted(name.replace(".zh.md", ".md") for name in names)


def translation(name: str) -> Path:
    return PROJECT / name.replace(".md", ".zh.md")


def with_blocks(english: str, translated: str, translate: Translate = chinese) -> str:
    """Return a translated document with the English one's blocks of code and output.

    Comments in them are translated. Commands (sh, bat, powershell) stay: in Chinese
    Windows comes first.

    Raises:
        ValueError: the two documents have different numbers of blocks.
    """
    blocks = BLOCK.findall(english)
    if len(blocks) != len(BLOCK.findall(translated)):
        raise ValueError("the two documents have different numbers of blocks")
    written = []
    for kind, text in blocks:
        if kind.startswith("py"):
            text = translated_code(text, translate)
        written.append(f"```{kind}\n{text}```\n")
    return BLOCK.sub(lambda _: written.pop(0), translated)


def paragraphs(document: str) -> dict[str, str]:
    """Return the paragraphs, list items and rows of tables: hash -> first words."""
    text = re.sub(r"(?s)```.*?```", "\n", document)
    parts = re.split(r"\n\s*\n|\n(?=\||- |\d+\. )", text)
    lines = [one_line(part) for part in parts if re.search(r"\w", part)]
    return {hashlib.sha256(line.encode()).hexdigest()[:8]: line[:50] for line in lines}


def out_of_date(name: str) -> list[str]:
    """Name the English paragraphs that came or went since they were translated."""
    now = paragraphs((PROJECT / name).read_text(encoding="utf-8"))
    then = json.loads(RECORD.read_text(encoding="utf-8")).get(name, {})
    new = [f"{name}: translate “{now[key]}…”" for key in now if key not in then]
    old = [f"{name}: gone is “{then[key]}…”" for key in then if key not in now]
    return new + old


def record(name: str) -> None:
    """Say that a document's translation is up to date, and renew its blocks."""
    english = (PROJECT / name).read_text(encoding="utf-8")
    path = translation(name)
    text = with_blocks(english, path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8", newline="\n")
    documents = json.loads(RECORD.read_text(encoding="utf-8"))
    documents[name] = paragraphs(english)
    text = json.dumps(dict(sorted(documents.items())), ensure_ascii=False, indent=1)
    RECORD.write_text(text + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    if sys.argv[1:]:
        for argument in sys.argv[1:]:
            name = Path(argument).resolve().relative_to(PROJECT).as_posix()
            record(name.replace(".zh.md", ".md"))
    else:
        found = [line for name in documents() for line in out_of_date(name)]
        print(*found or ["All translations of documents are up to date."], sep="\n")


if __name__ == "__main__":
    main()
