"""Chinese is the source, English is complete: every sentence of ours has its twin, saying the same facts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from tests import chinese
from tests.chinese import CJK, FACT, ROOT

CATALOGS = sorted(
    path for part in ("volunteer", "rewards", "templates") for path in (ROOT / part).rglob("en.po")
)
#: Chinese that an English reader should see: our name, the way back to the Chinese page, a word to be typed as it is.
MEANT = re.compile(r"礼遇|中文|简体|“[^”]*”")
HALF_WIDTH = re.compile(r"(?<=[㐀-鿿])[,;!?]|[,;!?](?=[㐀-鿿])")


@cache
def entries() -> list[tuple[Path, Message]]:
    found = []
    for path in CATALOGS:
        with path.open("rb") as file:
            found += [
                (path.relative_to(ROOT), message) for message in read_po(file, locale="en") if message.id
            ]
    return found


def faults(lines: Iterator[str] | list[str]) -> str:
    return "\n".join(sorted(set(lines)))


def test_every_sentence_has_its_english():
    english = {message.id for _, message in entries() if message.string}
    missing = {
        text: places for text, places in chinese.marked().items() if CJK.search(text) and text not in english
    }
    assert not missing, faults([f"{places[0]}: {text}" for text, places in missing.items()])


def test_every_sentence_is_written_in_chinese_first():
    foreign = {
        text: places
        for text, places in chinese.marked().items()
        if re.search(r"[A-Za-z]{2}", FACT.sub("", text))
    }
    foreign = {text: places for text, places in foreign.items() if not CJK.search(text)}
    assert not foreign, faults([f"{places[0]}: {text}" for text, places in foreign.items()])


def test_a_translation_speaks_of_the_same_facts():
    def facts(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)", text))

    wrong = [(path, m) for path, m in entries() if m.string and facts(m.id) != facts(m.string)]
    assert not wrong, faults([f"{path}:{m.lineno}: {m.id} → {m.string}" for path, m in wrong])


def test_no_chinese_is_left_in_a_translation():
    wrong = [(path, m) for path, m in entries() if CJK.search(MEANT.sub("", str(m.string)))]
    assert not wrong, faults([f"{path}:{m.lineno}: {m.string}" for path, m in wrong])


def test_a_sentence_is_translated_in_one_way_only():
    said: dict[str, set[str]] = defaultdict(set)
    for _, message in entries():
        said[message.id].add(message.string)
    assert not (twice := {text: ways for text, ways in said.items() if len(ways) > 1}), faults(
        map(str, twice.items())
    )


def test_chinese_sentences_carry_chinese_punctuation():
    wrong = {text: places for text, places in chinese.marked().items() if HALF_WIDTH.search(text)}
    assert not wrong, faults([f"{places[0]}: {text}" for text, places in wrong.items()])


def test_no_translation_waits_for_a_second_look():
    assert not (fuzzy := [m.id for _, m in entries() if m.fuzzy or not m.string]), faults(fuzzy)


def test_no_translation_is_left_of_a_sentence_that_went():
    source = "\n".join(path.read_text() for path in [*chinese.python_files(), *chinese.template_files()])
    script = "\n".join(path.read_text() for path in (ROOT / "static" / "js").glob("*.js"))
    known = chinese.marked()

    def used(text: str) -> bool:
        return text in known or text in source or text.replace('"', '\\"') in source or text in script

    assert not (stale := [f"{path}:{m.lineno}: {m.id}" for path, m in entries() if not used(m.id)]), faults(
        stale
    )


def test_no_template_speaks_chinese_without_asking_for_a_translation():
    assert not (bare := [line for path in chinese.template_files() for line in _bare(path)]), faults(bare)


def _bare(path: Path) -> Iterator[str]:
    """Chinese in a template outside `_("…")` and outside of comments and of parts that say they are Chinese."""
    text = re.sub(r"\{#.*?#\}|<!--.*?-->", _blank, path.read_text(), flags=re.DOTALL)
    text = re.sub(r'\b_\(\s*("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')', _blank, text, flags=re.DOTALL)
    text = re.sub(r'"[^"\n]*":', _blank, text)  # the keys of a dict: data, not speech
    text = re.sub(r'<(\w+)[^>]*\blang="zh[^>]*>.*?</\1>', _blank, text, flags=re.DOTALL)
    for number, line in enumerate(text.splitlines(), 1):
        if CJK.search(MEANT.sub("", line)):
            yield f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")
