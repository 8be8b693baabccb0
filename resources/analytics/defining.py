"""What each metric means, in the order in which people read them. Pages, reports and tools take the words from here."""

from __future__ import annotations

from resources.analytics.records import Definition

DUE = "questions that were to be answered: all but those that were turned away, or whose asker left before the end"

METRICS: dict[str, Definition] = {
    one.key: one
    for one in (
        Definition(
            "questions", "Questions", "count", "All questions that came, whatever became of them.", None,
            "Which chatbot or agent is asked more, or less.",
        ),
        Definition(
            "answered_rate", "Answered", "share",
            f"The share that was answered from documents or with a prepared text, of {DUE}.", "more",
            "Questions without a result, by source and configuration; then the documents that are missing.",
        ),
        Definition(
            "no_answer_rate", "No answer", "share",
            f"The share for which the documents did not say, of {DUE}.", "less",
            "Questions without a result: a topic that no document treats, or a threshold that is too high.",
        ),
        Definition(
            "failed_rate", "Failed", "share", f"The share where something broke off, of {DUE}.", "less",
            "The model's provider, and the log of errors.",
        ),
        Definition(
            "handed_over_rate", "Handed over", "share", f"The share that was left to a person, of {DUE}.", "less",
            "The conversations that wait for a person, and why.",
        ),
        Definition(
            "liked_rate", "Liked", "share",
            "The share of thumbs up of all thumbs, for answers to the questions of these days, whenever given.", "more",
            "Reasons that were given, and the documents whose answers were disliked.",
        ),
        Definition(
            "thumb_rate", "With a thumb", "share", f"Thumbs for each of the {DUE}; an answer may have several.", None,
            "Whether people see that they can say something.",
        ),
        Definition(
            "seconds", "Seconds, mean", "seconds", "From the question to the last word, on average.", "less",
            "Latency by stage: the search, or the model.",
        ),
        Definition(
            "seconds_median", "Seconds, median", "seconds", "Half of the answers took no longer.", "less",
            "Latency by stage.",
        ),
        Definition(
            "seconds_95", "Seconds, 95 in 100", "seconds", "95 of 100 answers took no longer.", "less",
            "Latency by stage, and questions that ask for long answers.",
        ),
        Definition(
            "retrieval_seconds", "Seconds of search", "seconds",
            "What the search took, with the reranker, on average; of questions that were searched for.", "less",
            "The vector index, the reranker, and how much the database has to do.",
        ),
        Definition(
            "without_result_rate", "Found nothing", "share",
            "The share of searches that found no passage at all, of all searches for answers.", "less",
            "Thresholds of the configuration, and questions without a result.",
        ),
        Definition(
            "best_score", "Best score", "score",
            "The mean score of the passage that was found first, of searches that found one. Each configuration has "
            "its own scale: compare within one.", None,
            "Drift of scores, by configuration.",
        ),
        Definition(
            "prompt_tokens", "Tokens read", "tokens", "What the model read for an answer, on average.", None,
            "The prompt of the configuration, how many passages it offers, and how long they are.",
        ),
        Definition(
            "cost_per_answer", "Cost of an answer", "money",
            "The mean cost of answers whose model has a price, or is free; in the currency of the prices.", "less",
            "The model and the prompt of the configuration: tokens read and spoken.",
        ),
        Definition(
            "cost", "Cost of answers", "money",
            "The sum for answers whose model has a price. What is asked of models beside answers is in "
            "daily_usage.",
            "less", "Cost of an answer, and how many were asked for.",
        ),
    )
}  # fmt: skip
