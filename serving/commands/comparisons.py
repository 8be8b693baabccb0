"""How two configurations compare, as the command line shows it: on judged questions, and on what was really asked."""

from __future__ import annotations

from collections.abc import Sequence

from resources.bots.evaluation.scoring import METRIC_NAMES
from resources.bots.records import Chatbot, ModelConfigVersion, VersionComparison
from resources.conversations.logged_comparisons import LoggedComparison
from resources.foundation.counting import counted
from serving.commands.reporting import console, print_json, print_table


def report(
    bot: Chatbot,
    baseline: ModelConfigVersion,
    candidate: ModelConfigVersion,
    found: Sequence[VersionComparison],
    logged: LoggedComparison | None,
    *,
    as_json: bool,
) -> None:
    """Both comparisons; what was not compared is left out."""
    if as_json:
        print_json(
            {
                "chatbot": bot.name, "baseline": baseline.number, "candidate": candidate.number, "comparisons": found,
                "logged": logged,
            }
        )  # fmt: skip
        return
    if found:
        _print_judged(bot, baseline, candidate, found)
    if logged is not None:
        _print_logged(bot, baseline, candidate, logged)


def _print_judged(
    bot: Chatbot, baseline: ModelConfigVersion, candidate: ModelConfigVersion, found: Sequence[VersionComparison]
) -> None:
    print_table(
        f"Configuration {candidate.number} beside {baseline.number} of {bot.name}",
        [
            "Questions", "Metric", "n ", f"No. {baseline.number} ", f"No. {candidate.number} ", "Difference ", "95 %",
            "p ", "Won ", "Lost ",
        ],
        [
            (
                one.evaluation_set or "all sets", METRIC_NAMES.get(one.metric, one.metric), one.queries,
                one.baseline_value, one.candidate_value, _signed(one.difference),
                _interval(one.low, one.high, signed=True), one.p_value, one.won, one.lost,
            )
            for one in found
        ],
    )  # fmt: skip
    overall = found[0]
    shared = "nothing" if overall.overlap_at_10 is None else f"{overall.overlap_at_10:.0%} of their first ten documents"
    console.print(f"Of {counted(overall.compared, 'question')} {overall.moved:,} moved something; they share {shared}.")


def _print_logged(
    bot: Chatbot, baseline: ModelConfigVersion, candidate: ModelConfigVersion, logged: LoggedComparison
) -> None:
    since = f", the oldest of {logged.asked_since:%Y-%m-%d}" if logged.asked_since else ""
    print_table(
        f"What {bot.name} was asked: {counted(logged.asked, 'question')}{since}; nobody has judged them",
        ["", "n ", "Value ", "95 %"],
        [
            (f"documents that both find among {logged.depth}", logged.overlapping, logged.overlap,
             _interval(logged.overlap_low, logged.overlap_high)),
            ("ranks that those moved", logged.both_found, logged.mean_move,
             _interval(logged.mean_move_low, logged.mean_move_high)),
            ("another document comes first", logged.asked, f"{logged.first_changed:,}", None),
            (f"only no. {candidate.number} finds anything", logged.asked, f"{logged.won:,}", None),
            (f"only no. {baseline.number} finds anything", logged.asked, f"{logged.lost:,}", None),
            ("neither finds anything", logged.asked, f"{logged.neither_found:,}", None),
        ],
    )  # fmt: skip
    console.print(
        f"Passages below a cosine of {baseline.similarity_threshold:g} (no. {baseline.number}) and "
        f"{candidate.similarity_threshold:g} (no. {candidate.number}) are left out."
    )


def _interval(low: float | None, high: float | None, *, signed: bool = False) -> str | None:
    if low is None or high is None:
        return None
    return f"{low:+.3f} to {high:+.3f}" if signed else f"{low:.3f} to {high:.3f}"


def _signed(value: float | None) -> str | None:
    return None if value is None else f"{value:+.3f}"
