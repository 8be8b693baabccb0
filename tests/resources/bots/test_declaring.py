"""A file of declarations is read with every problem named by its line, compared, and written so that it reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.bots.declaring import (
    Change,
    Declaration,
    DeclaredAgent,
    DeclaredChatbot,
    DeclaredConfiguration,
    DeclaredSource,
    differences,
    interval,
    interval_text,
    read,
    write,
)
from resources.foundation.errors import Refused

FILE = """\
version: 1
sources:
  handbook:
    config: {location: docs, include: ["*.md"]}
    every: 15m
    tags: [hr]
  site:
    type: web
    config: {url: "https://example.org/"}
    cron: "0 5 * * *"
    time_zone: Europe/Berlin
    credentials: {token: "env:SITE_TOKEN"}
chatbots:
  support:
    sources: [handbook, site]
    configuration: {retrieval_k: 12}
    agents:
      answers: {system_prompt: Be brief.}
"""


def test_what_a_file_leaves_out_is_as_the_product_has_it() -> None:
    declared = read(FILE, folder="/srv/mill")
    handbook = declared.sources["handbook"]
    assert handbook.config == {"location": "/srv/mill/docs", "include": ["*.md"]}
    assert (handbook.type, handbook.every, handbook.auto_sync, handbook.deletion_share) == ("file", 900, True, 0.3)
    configuration = declared.chatbots["support"].configuration
    assert configuration is not None
    assert (configuration.retrieval_k, configuration.lexical_weight) == (12, 0.7)


@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        ("version: 2", "line 1: version"),
        ("    every: 15m", None),
        ("    every: soon", "line 5: sources.handbook.every: write 30s, 15m, 2h or 1d"),
        ("    evry: 15m", "line 5: sources.handbook.evry is nothing that is known here; did you mean every?"),
        ("    every: 15m\n    every: 20m", "twice: line 6"),
        ("    type: pigeon", "line 5: sources.handbook.type"),
        ("    deletion_share: 7", "line 5: sources.handbook.deletion_share"),
        ("    cron: whenever", "sources.handbook: "),
        ("    credentials: {token: hunter2}", "env:VARIABLE or file:PATH"),
        ("    config: {location: /a, colour: red}", "twice"),
        ("    - a", "no YAML: line"),
    ],
)  # fmt: skip
def test_a_problem_is_told_with_its_line(spoilt: str, says: str | None) -> None:
    text = (
        FILE.replace("version: 1", spoilt) if spoilt.startswith("version") else FILE.replace("    every: 15m", spoilt)
    )
    if says is None:
        read(text)
        return
    with pytest.raises(Refused) as refused:
        read(text)
    assert says in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        read("version: 1\nsources:\n  a: {type: pigeon}\n  b: {colour: red}\nchatbots:\n  c: {temperature: 9}\n")
    assert [line for line in (3, 4, 6) if f"line {line}:" in str(refused.value)] == [3, 4, 6]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "a: [",
        "version: 1\nsources: 7",
        "\0",
        "&a [*a]",
        "version: 1\nsources: {a: !!python/name:os.system {}}",
    ],
)
def test_what_is_no_such_file_is_refused_in_words(text: str) -> None:
    with pytest.raises(Refused, match="file"):
        read(text)


def test_aliases_that_unfold_without_end_are_refused() -> None:
    bomb = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else '1'}]" for n in range(9))
    with pytest.raises(Refused, match="aliases"):
        read(f"version: 1\n{bomb}\n")


names = st.text("abcxyz", min_size=1, max_size=5)
sources = st.builds(
    DeclaredSource,
    type=st.just("upload"),
    description=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20),
    every=st.integers(10, 10**6).map(lambda seconds: f"{seconds}s"),
    cron=st.none() | st.just("0 5 * * *"),
    auto_sync=st.booleans(),
    paused=st.booleans(),
    tags=st.lists(names, unique=True, max_size=3),
)
chatbots = st.builds(
    DeclaredChatbot,
    system_prompt=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20),
    temperature=st.floats(0, 2),
    sources=st.lists(names, unique=True, max_size=3),
    configuration=st.none() | st.builds(DeclaredConfiguration, retrieval_k=st.integers(1, 200)),
    agents=st.none() | st.dictionaries(names, st.builds(DeclaredAgent, is_active=st.booleans()), max_size=2),
)
declarations = st.builds(
    Declaration, version=st.just(1), sources=st.dictionaries(names, sources, max_size=3),
    chatbots=st.dictionaries(names, chatbots, max_size=3),
)  # fmt: skip


@given(declaration=declarations)
def test_what_is_written_reads_back(declaration: Declaration) -> None:
    assert read(write(declaration)) == declaration


@given(declaration=declarations)
def test_nothing_differs_from_itself(declaration: Declaration) -> None:
    assert {change.action for change in differences(declaration, declaration, prune=True)} <= {"keep"}


@given(seconds=st.integers(10, 10**7 - 1))
def test_an_interval_reads_back(seconds: int) -> None:
    assert interval(interval_text(seconds)) == seconds


def test_only_what_differs_is_told() -> None:
    present = read(FILE.replace("retrieval_k: 12", "retrieval_k: 8"))
    assert [change for change in differences(present, read(FILE)) if change.action != "keep"] == [
        Change("chatbot", "support", "change", (("configuration.retrieval_k", 8, 12),))
    ]


def test_what_is_not_declared_goes_only_by_prune() -> None:
    present, wanted = read(FILE), read("version: 1\n")
    assert differences(present, wanted) == []
    assert {(change.name, change.action) for change in differences(present, wanted, prune=True)} == {
        ("handbook", "remove"), ("site", "remove"), ("support", "remove")
    }  # fmt: skip
