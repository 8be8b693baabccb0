"""The vocabulary of the bots domain: who answers, from what, by which recipe, and how well that retrieves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from resources.foundation.model_names import EMBEDDED_MODEL
from resources.knowledge.records import ChunkingRule

Visibility = Literal["public", "private"]
Dispatching = Literal["keywords", "model"]
AgentType = Literal["user-facing", "background", "human-escalation", "pre-canned", "spam-defense"]
ConversationMode = Literal["single-turn", "multi-turn"]
VersionStatus = Literal["draft", "building", "evaluated", "active", "retired"]
QuestionOrigin = Literal["imported", "written", "generated", "promoted"]
QuestionState = Literal["proposed", "accepted", "rejected"]
Split = Literal["tune", "report"]
QueryUnderstanding = Literal["none", "standalone", "subquestions"]


@dataclass(frozen=True)
class Chatbot:
    """What a client of the API calls a model; its name is the model's id. `created` is in seconds since 1970.

    `dispatching`: by what an agent is chosen where several could take a question alike.
    """

    id: UUID
    name: str
    description: str
    visibility: Visibility
    system_prompt: str
    show_citations: bool
    temperature: float
    created: int
    dispatching: Dispatching = "keywords"


@dataclass(frozen=True)
class Agent:
    """The part of a chatbot that takes a question. None: what the chatbot or its configuration says holds."""

    id: UUID
    chatbot_id: UUID
    name: str
    type: AgentType
    model_name: str | None
    conversation_mode: ConversationMode
    context_window: int
    system_prompt: str
    temperature: float | None
    max_tokens: int | None
    default_message: str
    use_all_sources: bool
    max_documents: int | None
    similarity_threshold: float | None
    domain_keywords: Sequence[str]
    is_active: bool
    description: str = ""
    model_provider: str | None = None
    model_parameters: Mapping[str, object] = field(default_factory=dict)
    fallback_models: Sequence[str] = ()
    memory_retention_days: int | None = None
    user_prompt_template: str = ""
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    bias: float | None = None
    stickness: float | None = None
    rate_limit_per_hour: int | None = None
    rate_limit_per_day: int | None = None
    expertise_areas: Sequence[str] = ()


@dataclass(frozen=True)
class CannedAnswer:
    """A question that a pre-canned agent knows, and what it says to it."""

    agent_id: UUID
    question: str
    answer: str


@dataclass(frozen=True)
class Circumstances:
    """What is known of a conversation when a question comes.

    `handed_over`: why it waits for a person, None where it does not. `failures`: how many answers, the last ones in a
    row, found nothing. `last_agent_id`: who answered before. The counts are of whoever asks: questions in the last
    minute, hour and day, and how often this very question in the last ten minutes.
    """

    handed_over: str | None = None
    failures: int = 0
    last_agent_id: UUID | None = None
    last_minute: int = 0
    last_hour: int = 0
    last_day: int = 0
    repeats: int = 0


@dataclass(frozen=True)
class Route:
    """Which agent takes a question, and why: a sentence that a person can read.

    `reply`: what it says, where that is known without a search and a model. `is_new`: it hands over now.
    `is_open`: several could take it alike, so that a model may choose.
    """

    agent: Agent
    reason: str
    reply: str | None = None
    is_new: bool = False
    is_open: bool = False


@dataclass(frozen=True)
class Preparation:
    """How a source must be made ready for a chatbot that reads it: how it is cut, and by which model embedded."""

    embedding_model: str = EMBEDDED_MODEL
    chunk_size: int = ChunkingRule.size
    chunk_overlap: int = ChunkingRule.overlap

    @property
    def rule(self) -> ChunkingRule:
        """How its texts are cut."""
        return ChunkingRule(self.chunk_size, self.chunk_overlap)


@dataclass(frozen=True)
class ModelConfigVersion:
    """A recipe of a chatbot, frozen once it is no draft.

    `similarity_threshold` is a cosine, `lexical_weight` a share between 0 and 1. `system_prompt`: None where the
    chatbot's own holds. `kept_until`: how long one that served is kept ready for a way back. `off_topic_threshold`: a
    share of the most that BM25 can give; a question of which no passage reaches it finds nothing. `max_per_document`:
    None for any number of passages. `embedding_model_version`: None until the first vectors are made.
    """

    id: UUID
    chatbot_id: UUID
    number: int
    status: VersionStatus
    embedding_model: str
    llm_model: str
    reranker_model: str | None
    retrieval_k: int
    similarity_threshold: float
    lexical_weight: float
    chunk_size: int
    chunk_overlap: int
    system_prompt: str | None
    description: str
    active: bool
    created_at: datetime
    created_by: str | None
    built_at: datetime | None
    build_problem: str | None
    evaluated_at: datetime | None
    activated_at: datetime | None
    activated_by: str | None
    forced_reason: str | None
    retired_at: datetime | None
    kept_until: datetime | None
    off_topic_threshold: float
    query_understanding: QueryUnderstanding
    max_per_document: int | None
    embedding_model_version: str | None

    @property
    def preparation(self) -> Preparation:
        """What it asks of the sources."""
        return Preparation(self.embedding_model, self.chunk_size, self.chunk_overlap)

    def instructions(self, chatbot: Chatbot) -> str:
        """What the model is told first: as it was frozen with the version, or as the chatbot has it."""
        return chatbot.system_prompt if self.system_prompt is None else self.system_prompt


@dataclass(frozen=True)
class NewVersion:
    """The values of a configuration before it has a row. `system_prompt` None: the chatbot's own."""

    embedding_model: str
    llm_model: str
    reranker_model: str | None = None
    retrieval_k: int = 8
    similarity_threshold: float = 0.0
    lexical_weight: float = 0.7
    chunk_size: int = ChunkingRule.size
    chunk_overlap: int = ChunkingRule.overlap
    system_prompt: str | None = None
    off_topic_threshold: float = 0.0
    query_understanding: QueryUnderstanding = "none"
    max_per_document: int | None = None


@dataclass(frozen=True)
class EvaluationSet:
    """Questions with known right documents, asked of a chatbot."""

    id: UUID
    chatbot_id: UUID
    name: str
    description: str


@dataclass(frozen=True)
class NewQuery:
    """A question before it has a row.

    `data_source_id`: asked of this source only; None: of all of the chatbot's. `split`: `report` measures, `tune` is
    for choosing values by. `document_id` and `generated_by`: of a generated one, from what and by which model.
    """

    external_id: str
    question: str
    slice: str | None = None
    data_source_id: UUID | None = None
    origin: QuestionOrigin = "imported"
    state: QuestionState = "accepted"
    split: Split = "report"
    is_answerable: bool = True
    document_id: UUID | None = None
    generated_by: str | None = None


@dataclass(frozen=True)
class EvaluationQuery:
    """A question of a set; a slice, such as a language, is reported apart. Only accepted ones are asked.

    `is_answerable` False: the documents are known not to answer it.
    """

    id: UUID
    external_id: str
    question: str
    slice: str | None
    data_source_id: UUID | None
    origin: QuestionOrigin
    state: QuestionState
    split: Split
    is_answerable: bool
    document_id: UUID | None
    generated_by: str | None
    reviewed_by: str | None
    reviewed_at: datetime | None


@dataclass(frozen=True)
class SetCounts:
    """A set with how many questions it has, by what became of them. `judged`: accepted, with a known answer."""

    id: UUID
    chatbot_id: UUID
    chatbot: str
    name: str
    description: str
    questions: int
    proposed: int
    accepted: int
    rejected: int
    judged: int
    unanswerable: int
    tune: int
    report: int
    generated: int
    promoted: int


@dataclass(frozen=True)
class KnownDocument:
    """A document that a chatbot reads, as judgments name it. `version_id`: what readers see of it; None: nothing."""

    id: UUID
    source_id: UUID
    source: str
    path: str
    title: str
    version_id: UUID | None


@dataclass(frozen=True)
class SourcePassage:
    """A passage to make a question from: `content` begins at the character `start_char` of its version's text."""

    document_id: UUID
    document_version_id: UUID
    title: str
    section_title: str | None
    content: str
    start_char: int


@dataclass(frozen=True)
class EvaluationJudgment:
    """A document that answers a question (grade over 0), and where they are known the words of it that do.

    `quote` begins at the character `start_char` of the document's text; anywhere in it where that is None.
    """

    evaluation_query_id: UUID
    document_id: UUID
    grade: int = 1
    quote: str | None = None
    start_char: int | None = None


@dataclass(frozen=True)
class EvaluationRun:
    """One measurement of a configuration on a set."""

    id: UUID
    evaluation_set_id: UUID
    model_config_version_id: UUID
    dagster_run_id: str | None
    queries: int
    elapsed_ms: float
    created_at: datetime
    split: Split = "report"


@dataclass(frozen=True)
class EvaluationScore:
    """A metric of a run over `queries` questions, with its 95 % interval. None where it is not defined."""

    slice: str
    metric: str
    queries: int
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Measurement:
    """A run with its scores."""

    run: EvaluationRun
    scores: Sequence[EvaluationScore]

    def score(self, metric: str, slice: str = "") -> EvaluationScore:
        """A score by name; KeyError where there is none."""
        for one in self.scores:
            if (one.slice, one.metric) == (slice, metric):
                return one
        raise KeyError(f"{metric} of {slice or 'all questions'}")


@dataclass(frozen=True)
class EvaluationResult:
    """What a run found for one question: the first ten documents in their order, and metrics.

    `first_rank`: where the first document that answers stands, among a hundred. A metric is None where it is not
    defined: where no document is known to answer.
    """

    evaluation_query_id: UUID
    document_ids: Sequence[UUID]
    first_rank: int | None
    ndcg_at_10: float | None
    recall_at_10: float | None
    mrr_at_10: float | None


@dataclass(frozen=True)
class Comparison:
    """How a metric differs between two versions that were asked the same questions.

    `queries`: those that the metric is defined for, on both; `difference`: candidate less baseline, the mean over them,
    with its 95 % interval and the probability of one so large if neither were better. `won` and `lost`: questions that
    the candidate answers better or worse. Of all `compared` questions, `moved` have another order of their first ten
    documents, of which they share `overlap_at_10` on the average. What is not defined is None, never 0.
    """

    metric: str
    queries: int
    baseline_value: float | None
    candidate_value: float | None
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    won: int
    lost: int
    compared: int
    moved: int
    overlap_at_10: float | None


@dataclass(frozen=True)
class VersionComparison(Comparison):
    """A comparison that is kept: of which versions, on which set; None: on all of the chatbot's sets together."""

    evaluation_set_id: UUID | None
    evaluation_set: str | None
    baseline_id: UUID
    candidate_id: UUID
    created_at: datetime


@dataclass(frozen=True)
class UnjudgedComparison:
    """How two versions differ on questions of which nobody knows the answer, by their first `depth` documents.

    `overlap`: the share of documents that both found, over the `overlapping` questions for which either found any.
    `mean_move`: how many ranks those went up or down. `first_changed` and `moved`: questions with another first
    document, another order. `won`, `lost`: questions for which only the candidate, or only the baseline, finds
    anything. Intervals are of 95 %; what is not defined is None, never 0.
    """

    asked: int
    depth: int
    overlap: float | None
    overlap_low: float | None
    overlap_high: float | None
    overlapping: int
    first_changed: int
    moved: int
    mean_move: float | None
    mean_move_low: float | None
    mean_move_high: float | None
    both_found: int
    won: int
    lost: int
    neither_found: int
