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


def test_only_comments_and_docstrings_are_translated():
    source = (
        'def f():\n    """One.\n\n    Two,\n    too.\n    """\n'
        '    # A comment\n    # of two lines\n    return "# none"  # end  # noqa: E1\n'
    )
    table = {
        "One.": "一",
        "Two, too.": "二",
        "A comment of two lines": "注释\n两行",
        "end # noqa: E1": "完",
    }
    assert translate.translated_code(source, table.__getitem__) == (
        'def f():\n    """一\n\n    二\n    """\n'
        '    # 注释\n    # 两行\n    return "# none"  # 完\n'
    )
    assert translate.translated_code(source, str) == source


def test_a_changed_paragraph_is_named(monkeypatch, tmp_path):
    (tmp_path / "README.md").write_text("# A\n\nOld text.\n", encoding="utf-8")
    (tmp_path / "README.zh.md").write_text("# 甲\n\n旧文。\n", encoding="utf-8")
    monkeypatch.setattr(translate, "PROJECT", tmp_path)
    monkeypatch.setattr(translate, "RECORD", tmp_path / "translated.json")
    (tmp_path / "translated.json").write_text("{}", encoding="utf-8")
    translate.record("README.md")
    assert translate.out_of_date("README.md") == []
    (tmp_path / "README.md").write_text("# A\n\nNew text.\n", encoding="utf-8")
    new, gone = translate.out_of_date("README.md")
    assert "New text." in new
    assert "Old text." in gone
