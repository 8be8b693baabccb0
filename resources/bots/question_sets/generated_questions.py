"""Questions that a model makes from a chatbot's documents: paid for in advance, proposed until accepted."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from psycopg.errors import ForeignKeyViolation

from resources.bots.configurations import model_config_versions
from resources.bots.question_sets import (
    evaluation_judgments,
    evaluation_queries,
    evaluation_sets,
    generating,
    splitting,
)
from resources.bots.question_sets.generating import Generated, Judged
from resources.bots.records import EvaluationJudgment, NewQuery, SourcePassage
from resources.foundation.counting import estimated_tokens
from resources.foundation.database import Database
from resources.foundation.errors import MillraceError, Missing, Refused
from resources.foundation.inference import Speech, Usage
from resources.foundation.statements import Connection
from resources.identity import budgets, expenses, model_prices, pricing
from resources.identity.expenses import BudgetReached
from resources.identity.records import Price

SET_NAME = "generated"
LONGEST_ANSWER = 8_000

Progress = Callable[[str, int, int], None]
Ask = Callable[[str, str], Speech]
"""Has a model speak, told who it is and what it is asked for."""


@dataclass(frozen=True)
class Foreseen:
    """What generating takes at most. `cost` None: the model has no price."""

    passages: int
    tokens: int
    cost: Decimal | None
    currency: str | None


@dataclass(frozen=True)
class Generation:
    """What came of it. `refusals`: what the model said that was not taken, by reason. `stopped`: why it ended early."""

    evaluation_set: str
    model: str
    passages: int
    questions: int
    known: int
    tokens: int
    cost: Decimal | None
    currency: str | None
    refusals: Mapping[str, int]
    stopped: str | None


def foresee(
    database: Database, organization_id: UUID, *, chatbot_id: UUID, model: str, passages: int, each: int = 1
) -> Foreseen:
    """What it takes at most to generate from so many passages. Raises Missing where there is none left."""
    chosen = _select(database, organization_id, chatbot_id, passages)
    read, spoken = _read_tokens(chosen, each), generating.ANSWER_TOKENS * each * len(chosen)
    with database.transaction(organization_id) as connection:
        price = model_prices.find_for(connection, organization_id, model)
    cost = pricing.cost(price, read=read, spoken=spoken)
    return Foreseen(len(chosen), read + spoken, cost, _currency(database, organization_id))


def generate(
    database: Database,
    organization_id: UUID,
    *,
    chatbot_id: UUID,
    set_name: str = SET_NAME,
    model: str,
    ask: Ask,
    passages: int,
    each: int = 1,
    accepted_by: str | None = None,
    progress: Progress | None = None,
) -> Generation:
    """Have the model ask what passages answer, one request for each of them; keep each question with its quote at once.

    They are proposed, unless `accepted_by` says who takes them unseen. No connection is held while the model thinks;
    what a request may cost is set aside before it, and told as it was after it. When the month's budget does not hold
    the next one, or the model fails, it ends there, and what is done stays: the next time goes on with other passages.
    Raises Missing where no passage is left, BudgetReached where not even the first request is held by the budget, and
    what the model raises where it fails at the first.
    """
    chosen = _select(database, organization_id, chatbot_id, passages)
    work = _Work(database, organization_id, chatbot_id, set_name, model, each, accepted_by)
    stopped: str | None = None
    done = 0
    for done, passage in enumerate(chosen):
        try:
            work.take(passage, ask)
        except MillraceError as error:
            if done == 0:
                raise
            stopped = str(error)
            break
        if progress:
            progress("asking for questions", done + 1, len(chosen))
    else:
        done = len(chosen)
    return Generation(
        set_name, model, done, work.added, work.known, work.tokens, work.cost, _currency(database, organization_id),
        generating.told_apart(work.refusals), stopped,
    )  # fmt: skip


class _Work:
    """A generation at work: what it has added, and what that took."""

    def __init__(
        self,
        database: Database,
        organization_id: UUID,
        chatbot_id: UUID,
        set_name: str,
        model: str,
        each: int,
        accepted_by: str | None,
    ) -> None:
        self._database = database
        self._organization_id = organization_id
        self._chatbot_id = chatbot_id
        self._set_name = set_name
        self._model = model
        self._each = each
        self._accepted_by = accepted_by
        self.added = self.known = self.tokens = 0
        self.cost: Decimal | None = Decimal(0)
        self.refusals: list[str] = []

    def take(self, passage: SourcePassage, ask: Ask) -> None:
        """Pay, ask, hold what is said to the passage, and keep it."""
        told = generating.task(passage, delimiter=secrets.token_hex(8), most=self._each)
        read, spoken = _read_tokens([passage], self._each), generating.ANSWER_TOKENS * self._each
        expense_id, price = self._reserve(read, spoken)
        try:
            said, usage = _heard(ask(generating.SYSTEM, told))
        except MillraceError:
            with self._database.transaction(self._organization_id) as connection:
                expenses.release(connection, self._organization_id, expense_id)
            raise
        found = generating.judged(said, passage, most=self._each)
        with self._database.transaction(self._organization_id) as connection:
            self._book(connection, expense_id, usage, price)
            try:
                with connection.transaction():
                    self._keep(connection, passage, found)
            except ForeignKeyViolation:
                self.refusals.append("the document was erased meanwhile")
        self.refusals += found.refusals

    def _reserve(self, read: int, spoken: int) -> tuple[UUID, Price | None]:
        """Set aside what a request may cost; the expense, and the price of the day on which it counts."""
        try:
            with self._database.transaction(self._organization_id) as connection:
                price = model_prices.find_for(connection, self._organization_id, self._model)
                id = expenses.reserve(
                    connection, self._organization_id, model=self._model, tokens=read + spoken,
                    cost=pricing.cost(price, read=read, spoken=spoken), kind="questions",
                )  # fmt: skip
                return id, price
        except BudgetReached as error:
            reached = error
        budget = reached.budget
        limit = pricing.shown(budget.limit)
        raise BudgetReached(
            f"the budget of this month is reached: {pricing.shown(budget.spent)} of {limit} {budget.currency} are "
            f"spent, and the next request may cost {pricing.shown(reached.cost)}: raise it with 'millrace budget set', "
            "or wait for the next month",
            budget=budget, cost=reached.cost,
        )  # fmt: skip

    def _book(self, connection: Connection, expense_id: UUID, usage: Usage, price: Price | None) -> None:
        tokens = usage.prompt_tokens + usage.completion_tokens
        cost = pricing.cost(price, read=usage.prompt_tokens, spoken=usage.completion_tokens)
        expenses.correct(connection, self._organization_id, expense_id, tokens=tokens, cost=cost)
        self.tokens += tokens
        self.cost = None if cost is None or self.cost is None else self.cost + cost

    def _keep(self, connection: Connection, passage: SourcePassage, found: Judged) -> None:
        chosen = evaluation_sets.ensure(
            connection, self._organization_id, chatbot_id=self._chatbot_id, name=self._set_name
        )
        for one in found.questions:
            id, is_new = evaluation_queries.propose(
                connection, self._organization_id, chosen.id, _query(one, passage, self._model)
            )
            if not is_new:
                self.known += 1
                continue
            self.added += 1
            judgment = EvaluationJudgment(id, passage.document_id, 1, one.quote, passage.start_char + one.start)
            evaluation_judgments.replace_of(connection, self._organization_id, [id], [judgment])
            if self._accepted_by is not None:
                evaluation_queries.set_reviewed(
                    connection, self._organization_id, id, state="accepted", is_answerable=True,
                    reviewed_by=self._accepted_by,
                )  # fmt: skip


def _query(one: Generated, passage: SourcePassage, model: str) -> NewQuery:
    return NewQuery(
        splitting.id_of(one.question), one.question, origin="generated", state="proposed",
        split=splitting.split_of(one.question), document_id=passage.document_id, generated_by=model,
    )  # fmt: skip


def _select(database: Database, organization_id: UUID, chatbot_id: UUID, at_most: int) -> list[SourcePassage]:
    with database.transaction(organization_id) as connection:
        active = model_config_versions.get_active(connection, organization_id, chatbot_id)
        chosen = evaluation_sets.select_passages(
            connection, organization_id, chatbot_id, recipe=active.preparation.rule.name,
            shortest=generating.SHORTEST_PASSAGE, at_most=at_most,
        )  # fmt: skip
    if not chosen:
        raise Missing(
            "there is no passage to make a question from: sync a source of the chatbot first; each passage serves "
            f"once, and those below {generating.SHORTEST_PASSAGE} characters do not"
        )
    return chosen


def _heard(speech: Speech) -> tuple[str, Usage]:
    try:
        for _ in speech:
            if len(speech.text) > LONGEST_ANSWER:
                raise Refused("the model does not come to an end with its questions: choose another one")
    finally:
        speech.close()
    return speech.text, speech.usage


def _read_tokens(passages: Sequence[SourcePassage], each: int) -> int:
    own = estimated_tokens(generating.SYSTEM)
    return sum(own + estimated_tokens(generating.task(one, delimiter="0" * 16, most=each)) for one in passages)


def _currency(database: Database, organization_id: UUID) -> str | None:
    with database.transaction(organization_id) as connection:
        budget = budgets.find_of_month(connection, organization_id)
    return budget.currency if budget else None
