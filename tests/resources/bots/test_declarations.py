"""Applying a file makes things as it says, all or nothing, and a second time there is nothing to do."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from uuid import UUID

import pytest

from resources.bots import chatbots, declarations, declaring
from resources.bots.agents import agents
from resources.bots.configurations import model_config_versions
from resources.bots.configurations.naming import Reach
from resources.bots.declarations import Waiting
from resources.bots.declaring import Change
from resources.bots.evaluation.readiness import Terms
from resources.bots.records import ModelConfigVersion
from resources.foundation.database import Database
from resources.foundation.errors import Missing, Refused
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.knowledge.connectors import credentials
from resources.knowledge.sources import data_sources, file_types

FILE = """\
version: 1
sources:
  inbox: {type: upload, every: 15m, tags: [hr, news]}
  site: {type: web, config: {url: "https://example.org/"}, cron: "0 5 * * *"}
chatbots:
  support:
    sources: [inbox, site]
    system_prompt: Be brief.
    configuration: {retrieval_k: 12}
    agents:
      answers: {default_message: I do not know.}
      greeter: {type: pre-canned, is_active: false}
"""
INBOX = "  inbox: {type: upload, every: 15m, tags: [hr, news]}\n"
SECRETS = {"site": {"token": "hunter2"}}


@pytest.fixture
def desk(database: Database, organization_id: UUID, tmp_path: Path) -> Desk:
    """Where files are applied."""
    return Desk(database, organization_id, Keyring.from_settings(Settings(home=tmp_path)))


class Desk:
    def __init__(self, database: Database, organization_id: UUID, keyring: Keyring) -> None:
        self.database, self.organization_id, self.keyring = database, organization_id, keyring

    def plan(self, text: str, *, prune: bool = False, secrets: declarations.Secrets | None = None) -> list[Change]:
        """What a file would change."""
        with self.database.transaction(self.organization_id) as connection:
            changes = declarations.plan(
                connection, self.organization_id, declaring.read(text), secrets=secrets or {}, keyring=self.keyring,
                prune=prune,
            )  # fmt: skip
        return [change for change in changes if change.action != "keep"]

    def apply(
        self,
        text: str,
        *,
        prune: bool = False,
        secrets: declarations.Secrets | None = None,
        terms: Terms | None = None,
    ) -> list[Waiting]:
        """Make it so; the configurations that wait."""
        changes = self.plan(text, prune=prune, secrets=secrets)
        with self.database.transaction(self.organization_id) as connection:
            return declarations.apply(
                connection, self.organization_id, declaring.read(text), changes, secrets=secrets or {},
                keyring=self.keyring, defaults=declarations.Defaults("wordllama-256", "extractive", terms),
            )  # fmt: skip

    def exported(self) -> str:
        """How things are, as a file."""
        with self.database.transaction(self.organization_id) as connection:
            return declaring.write(declarations.present(connection, self.organization_id))


def test_a_file_is_applied_once_and_then_there_is_nothing_to_do(desk: Desk) -> None:
    desk.apply(FILE, secrets=SECRETS)
    assert desk.plan(FILE, secrets=SECRETS, prune=True) == []
    with desk.database.transaction(desk.organization_id) as connection:
        inbox = data_sources.find_by_name(connection, desk.organization_id, "inbox")
        support = chatbots.find_by_name(connection, desk.organization_id, "support")
        assert inbox is not None
        assert support is not None
        staff = agents.select_all(connection, desk.organization_id, support.id)
        active = model_config_versions.get_active(connection, desk.organization_id, support.id)
    assert (inbox.source_type, inbox.sync_frequency, support.system_prompt) == ("upload", 900, "Be brief.")
    assert [(agent.name, agent.type, agent.is_active) for agent in staff] == [
        ("answers", "user-facing", True), ("greeter", "pre-canned", False)
    ]  # fmt: skip
    assert (active.retrieval_k, active.embedding_model) == (12, "wordllama-256")


def test_what_is_exported_changes_nothing_when_it_is_applied(desk: Desk) -> None:
    desk.apply(FILE)
    assert desk.plan(desk.exported(), prune=True) == []


def test_a_line_that_is_taken_out_goes_back_to_what_the_product_has(desk: Desk) -> None:
    desk.apply(FILE)
    desk.apply(FILE.replace(", every: 15m, tags: [hr, news]", ""))
    with desk.database.transaction(desk.organization_id) as connection:
        inbox = data_sources.find_by_name(connection, desk.organization_id, "inbox")
        assert inbox is not None
    assert inbox.sync_frequency == 3600
    assert "tags" not in desk.exported()


def test_only_prune_removes(desk: Desk) -> None:
    desk.apply(FILE)
    without = FILE.replace(INBOX, "").replace("[inbox, site]", "[site]")
    desk.apply(without)
    assert "inbox" in desk.exported()
    desk.apply(without, prune=True)
    assert "inbox" not in desk.exported()


def test_credentials_are_sealed_and_neither_planned_nor_exported_in_words(desk: Desk) -> None:
    planned = desk.plan(FILE, secrets=SECRETS)
    desk.apply(FILE, secrets=SECRETS)
    assert "hunter2" not in f"{planned} {desk.exported()}"
    with desk.database.transaction(desk.organization_id) as connection:
        site = data_sources.find_by_name(connection, desk.organization_id, "site")
        assert site is not None
        kept = credentials.get(connection, desk.organization_id, site.id, keyring=desk.keyring)
    assert kept["token"] == SECRETS["site"]["token"]
    (change,) = desk.plan(FILE, secrets={"site": {"token": "another"}})
    assert (change.name, change.action, change.fields[0][0]) == ("site", "change", "credentials")


@pytest.mark.parametrize(
    ("former", "new", "says"),
    [
        ("type: upload", 'type: web, config: {url: "https://example.org/"}', "of type 'upload' and stays so"),
        (
            "retrieval_k: 12",
            "retrieval_k: 12, chunk_size: 800",
            "chunk_size cannot change under a chatbot that answers",
        ),
        ("[inbox, site]", "[inbox, nowhere]", "'nowhere', which is no source"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(desk: Desk, former: str, new: str, says: str) -> None:
    desk.apply(FILE)
    before = desk.exported()
    with pytest.raises(Refused, match=says):
        desk.plan(FILE.replace(former, new).replace("Be brief.", "Be long."))
    assert desk.exported() == before


def test_a_chatbot_cannot_read_a_source_that_the_same_file_removes(desk: Desk) -> None:
    desk.apply(FILE)
    with pytest.raises(Refused, match="'inbox', which is no source"):
        desk.plan(FILE.replace(INBOX, ""), prune=True)


def test_instructions_that_were_frozen_with_a_version_are_exported_and_can_be_changed(desk: Desk) -> None:
    desk.apply(FILE)
    with desk.database.transaction(desk.organization_id) as connection:
        support = chatbots.find_by_name(connection, desk.organization_id, "support")
        assert support is not None
        active = model_config_versions.get_active(connection, desk.organization_id, support.id)
        kind = dataclasses.replace(model_config_versions.values_of(active), system_prompt="Be kind.", retrieval_k=5)
        draft = model_config_versions.create(connection, desk.organization_id, support.id, kind)
        model_config_versions.activate(connection, desk.organization_id, draft)
    assert "Be kind." in desk.exported()
    assert desk.plan(desk.exported(), prune=True) == []
    desk.apply(desk.exported().replace("Be kind.", "Be long."))
    assert "Be long." in desk.exported()
    with desk.database.transaction(desk.organization_id) as connection:
        active = model_config_versions.get_active(connection, desk.organization_id, support.id)
        support = chatbots.get(connection, desk.organization_id, support.id)
    assert (active.instructions(support), active.retrieval_k) == ("Be long.", 5)


AGENTS = """\
version: 1
sources:
  inbox: {type: upload, tags: [hr]}
  site: {type: web, config: {url: "https://example.org/"}}
chatbots:
  support:
    sources: [inbox, site]
    dispatching: model
    agents:
      answers: {tags: [hr], file_types: [pdf], fallback_models: [small], top_p: 0.5, expertise_areas: [rye]}
      narrow: {sources: [site], stickness: 0.5, model_parameters: {reasoning_effort: low}}
      faq:
        type: pre-canned
        canned_answers:
          Who are you?: The mill.
          Where are you?: At the river.
"""


def test_agents_read_and_know_what_the_file_says_and_no_more(desk: Desk) -> None:
    with desk.database.transaction(desk.organization_id) as connection:
        file_types.seed(connection, desk.organization_id)
        kind = file_types.select_active(connection, desk.organization_id)[0].name
    text = AGENTS.replace("[pdf]", f"[{kind!r}]")
    desk.apply(text)
    assert desk.plan(text, prune=True) == []
    assert desk.plan(desk.exported(), prune=True) == []
    without = text.replace("          Where are you?: At the river.\n", "").replace("{sources: [site], ", "{")
    assert desk.plan(without) != []
    desk.apply(without)
    assert desk.plan(without, prune=True) == []
    assert "At the river" not in desk.exported()
    with pytest.raises(Missing, match="no tag"):
        desk.apply(text.replace("{tags: [hr]", "{tags: [nobody]"))
    with pytest.raises(Refused, match="pre-canned"):
        desk.plan(text.replace("type: pre-canned", "type: user-facing"))


def test_a_recipe_that_finds_something_else_waits_until_it_was_measured_or_somebody_insists(desk: Desk) -> None:
    def active() -> ModelConfigVersion:
        with desk.database.transaction(desk.organization_id) as connection:
            support = chatbots.find_by_name(connection, desk.organization_id, "support")
            assert support is not None
            return model_config_versions.get_active(connection, desk.organization_id, support.id)

    assert desk.apply(FILE) == []
    spoken = FILE.replace("retrieval_k: 12", "retrieval_k: 12, llm_model: talker")
    assert desk.apply(spoken) == []
    assert (active().number, active().llm_model) == (2, "talker")
    wider = spoken.replace("retrieval_k: 12", "retrieval_k: 20")
    [first], [again] = desk.apply(wider), desk.apply(wider)
    assert first == again == Waiting("support", 3, ("it is not built: 'millrace config build 3'",))
    assert active().number == 2
    assert desk.plan(wider) != []
    assert desk.apply(wider, terms=Terms(is_unmeasured=True)) == []
    assert (active().number, active().retrieval_k, desk.plan(wider)) == (3, 20, [])


def test_a_file_that_names_models_that_are_not_there_is_refused(desk: Desk) -> None:
    unknown = FILE.replace("retrieval_k: 12", "retrieval_k: 12, reranker_model: cohere, llm_model: gpt")
    with desk.database.transaction(desk.organization_id) as connection, pytest.raises(Refused) as refused:
        declarations.plan(
            connection, desk.organization_id, declaring.read(unknown), secrets={}, keyring=desk.keyring,
            reach=Reach(has_provider=False),
        )  # fmt: skip
    assert "chatbot 'support': there is no model 'gpt' here that answers" in str(refused.value)
    assert "chatbot 'support': there is no reranker 'cohere'" in str(refused.value)


def test_a_file_asks_of_the_model_that_will_answer_only_what_it_can_do(desk: Desk) -> None:
    understood = FILE.replace("retrieval_k: 12", "retrieval_k: 12, query_understanding: standalone")

    def plan(llm_model: str) -> list[Change]:
        with desk.database.transaction(desk.organization_id) as connection:
            return declarations.plan(
                connection, desk.organization_id, declaring.read(understood), secrets={}, keyring=desk.keyring,
                reach=Reach(has_provider=True, llm_model=llm_model),
            )  # fmt: skip

    with pytest.raises(Refused, match="chatbot 'support': extractive cannot understand questions"):
        plan("extractive")
    assert plan("talker") != []
