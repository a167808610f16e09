"""README and docs: links lead somewhere, tables agree, both languages are alike."""

import json
import re

import pytest
from conftest import PROJECT

from docs import translate

README = (PROJECT / "README.md").read_text(encoding="utf-8")
PROGRAM = (PROJECT / "hello_mnist.py").read_text(encoding="utf-8")
NUMBER = r"\d[\d,.]*\d|\d"
TEXTS = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")])


def anchors(text):
    """Return the anchors that GitHub gives to a text's headings."""
    headings = re.findall(r"(?m)^#+ (.*)$", re.sub(r"(?s)```.*?```", "", text))
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


def links(text):
    return set(re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text)))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for link in links(text):
        if not link.startswith("http"):
            name, _, anchor = link.partition("#")
            target = path.parent / name if name else path
            assert target.exists(), link
            if anchor:
                assert anchor in anchors(target.read_text(encoding="utf-8")), link
    assert "TODO" not in text


def test_readme_says_what_the_program_prints():
    """Its block of output is that of the executed notebook, line by line."""
    path = PROJECT / "notebooks" / "hello_mnist.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    printed = {line.rstrip() for o in outputs for line in o.get("text", [])}
    said = re.search(r"(?s)```text\n(.*?)```", README)[1]
    assert {*said.splitlines()} <= printed


def test_things_to_try_agree():
    """Settings are the program's, and each gap is train minus test accuracy."""
    number = r"(\d\.\d+) ± \d\.\d+"
    rows = re.findall(rf"(?m)^\| (.*?) \| {number} \| {number} \| {number} \|", README)
    assert len(rows) >= 4
    for change, test, train, gap in rows:
        difference = 100 * (float(train) - float(test))
        assert float(gap) == pytest.approx(difference, abs=0.016), change
        for name in re.findall(r"`(\w+) = ", change):
            assert re.search(rf"(?m)^{name} = ", PROGRAM), change


def commands(text):
    """Return what Python or uv is told to run, however both are named.

    -i is left out: the address of a mirror of PyPI, for readers in China.
    """
    blocks = re.findall(r"(?ms)^```(?:sh|bat|powershell|text)\n(.*?)^```", text)
    spans = re.findall(r"`([^`]+)`", re.sub(r"(?s)```.*?```", "", text))
    lines = [" ".join(span.split()) for span in spans]
    lines += [line for block in blocks for line in block.splitlines()]
    found = set()
    for line in re.split(r" && |; ?|\n", "\n".join(lines)):
        line = re.sub(r" -i \S+", "", line).replace("\\", "/")
        if match := re.match(r"(?:\S*/)?(?:python3?(?:\.exe)?|(?=uv )) ?(\S.*)", line):
            found.add(match[1])
    return found


def targets(text):
    return {link.replace(".zh.", ".").partition("#")[0] for link in links(text)} - {""}


def numbers(text):
    prose = re.sub(r"(?s)```.*?```|`[^`]*`|\]\([^)]*\)|<[^>]*>", "", text)
    return set(re.findall(NUMBER, prose))


@pytest.mark.parametrize("name", translate.documents())
def test_the_chinese_says_no_less(name):
    """Its order is its own; it may name more ways, but none of the English is lost."""
    english = (PROJECT / name).read_text(encoding="utf-8")
    chinese = translate.translation(name).read_text(encoding="utf-8")
    for part in (commands, targets, numbers):
        missing = sorted(part(english) - part(chinese))
        assert not missing, part.__name__
    more = numbers(chinese) - set(re.findall(NUMBER, english))
    assert not sorted(number for number in more if len(number) > 1)  # 0 may be a zero
