"""The pages that analysts look at, in the order in which they are read."""

from __future__ import annotations

from resources.analytics.pages import cost, feedback, gaps, overview, retrieval, sources
from resources.analytics.panels import Page

PAGES: dict[str, Page] = {
    page.key: page
    for page in (
        Page("overview", "Overview", "What changed, and where to look.", overview.PANELS),
        Page("retrieval", "Retrieval", "How well passages are found, and how fast.", retrieval.PANELS),
        Page("feedback", "Feedback", "What askers thought of the answers.", feedback.PANELS),
        Page("gaps", "Gaps", "What people ask for that no document says.", gaps.PANELS),
        Page("sources", "Sources", "How fresh the documents are, and what they give.", sources.PANELS),
        Page("cost", "Cost and use", "What is spent, by whom and on what.", cost.PANELS),
    )
}
