"""The Chinese files and notebooks: nothing is missing in them, or out of date."""

import ast
import json
import re

import pytest
from conftest import PROJECT

from docs import build, translate


def test_each_text_has_its_chinese_and_nothing_is_left_over():
    texts = []

    def collect(text: str) -> str:
        if re.search("[A-Za-z]", text):
            texts.append(text)
        return text

    for path in translate.PROGRAMS.values():
        build.notebook_cells(path.read_text(encoding="utf-8"), collect)
    translate.translated_code(build.FIRST_CELL, collect)
    for name in translate.documents():
        english = (PROJECT / name).read_text(encoding="utf-8")
        translate.with_blocks(english, english, collect)
    assert {*texts} == {*translate.TEXTS}, "docs/zh.json"


def test_the_texts_are_chinese_and_have_the_same_numbers():
    for english, chinese in translate.TEXTS.items():
        if re.search(r"[A-Za-z]{4}", english) and "──>" not in english:
            assert re.search(r"[\u4e00-\u9fff]", chinese), english
        numbers = [set(re.findall(r"\d[\d,.]*\d|\d", t)) for t in (english, chinese)]
        assert numbers[0] == numbers[1], english


@pytest.mark.parametrize("name", translate.documents())
def test_no_translation_is_older_than_its_original(name):
    assert not translate.out_of_date(name)
    english = (PROJECT / name).read_text(encoding="utf-8")
    chinese = translate.translation(name).read_text(encoding="utf-8")
    assert translate.with_blocks(english, chinese) == chinese


def test_the_chinese_notebooks_are_up_to_date_and_have_the_same_code():
    def without_docstrings(source: str) -> str:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
                del node.body[0]
        return ast.dump(tree)

    english = build.notebooks()
    for name, cells in build.notebooks(".zh").items():
        path = PROJECT / "notebooks" / f"{name}.zh.ipynb"
        made = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert cells == [(cell["cell_type"], "".join(cell["source"])) for cell in made]
        both = build.code_of(english[name])[1:], build.code_of(cells)[1:]
        for original, translated in zip(*both, strict=True):
            assert without_docstrings(original) == without_docstrings(translated)


def test_a_changed_paragraph_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(translate, "RECORD", tmp_path / "translated.json")
    translate.RECORD.write_text('{"README.md": {"0": "Old text"}}', encoding="utf-8")
    new, *_, gone = translate.out_of_date("README.md")
    assert "translate “" in new
    assert "gone is “Old text" in gone
