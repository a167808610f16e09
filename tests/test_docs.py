"""README and docs: links lead somewhere, tables agree, both languages are alike."""

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


def test_readme_says_what_the_program_prints():
    """Its block of output is that of the executed notebook, line by line."""
    notebook = (PROJECT / "notebooks/hello_mnist.ipynb").read_text(encoding="utf-8")
    said = re.search(r"(?s)```text\n(.*?)```", README)[1]
    for line in said.splitlines():
        assert f'"{line}' in notebook


def test_things_to_try_agree():
    """Settings are the program's, and each gap is train minus test accuracy."""
    number = r"(\d\.\d+) ± \d\.\d+"
    rows = re.findall(rf"(?m)^\| (.*?) \| {number} \| {number} \| {number} \|", README)
    assert rows
    for change, test, train, gap in rows:
        difference = 100 * (float(train) - float(test))
        assert float(gap) == pytest.approx(difference, abs=0.016), change
        for name in re.findall(r"`(\w+) = ", change):
            assert re.search(rf"(?m)^{name} = ", PROGRAM), change


def commands(text):
    """Return the programs, modules, packages and options that are named in it."""
    one_line = " ".join(text.split()).replace("\\", "/")
    one_line = re.sub(r" -i \S+", "", one_line)  # a mirror of PyPI in China
    named = r"[\w/-]+\.py\b|-m pip [a-z]+ (?:-r )?[\w/.-]+|-m [\w.]+|--[a-z][\w-]+"
    return set(re.findall(named, one_line))


def targets(text):
    return {link.replace(".zh.", ".").partition("#")[0] for link in links(text)} - {""}


def numbers(text):
    prose = re.sub(r"(?s)```.*?```|`[^`]*`|\]\([^)]*\)|<[^>]*>", "", text)
    return set(re.findall(NUMBER, prose))


@pytest.mark.parametrize("name", translate.documents())
def test_the_chinese_says_no_less(name):
    """It may name more ways, but none of the English is lost."""
    english = (PROJECT / name).read_text(encoding="utf-8")
    chinese = translate.translation(name).read_text(encoding="utf-8")
    for part in (commands, targets, numbers):
        missing = sorted(part(english) - part(chinese))
        assert not missing, part.__name__
    more = numbers(chinese) - set(re.findall(NUMBER, english))
    assert not sorted(number for number in more if len(number) > 1)  # 0 may be a zero
