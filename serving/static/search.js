// The search page: what a chatbot would find, and why. The address holds the search, so that it can be sent on.

import { call } from "./api.js";
import { el } from "./dom.js";
import { renderQuote } from "./markdown.js";

const FILTERS = ["sources", "tags", "paths", "languages", "since", "until"];
const form = document.getElementById("search");
const found = document.getElementById("found");
const results = document.getElementById("results");
let latest = 0;

async function search() {
  const turn = (latest += 1);
  const said = new FormData(form);
  const filter = Object.fromEntries(FILTERS.filter((name) => said.get(name)?.trim()).map((name) => [name, said.get(name).trim()]));
  const k = Number(said.get("k"));
  const body = { model: said.get("model"), query: said.get("query"), ...(k ? { k } : {}), ...(Object.keys(filter).length ? { filter } : {}) };
  found.className = "quiet-words";
  found.textContent = "Searching …";
  results.replaceChildren();
  results.setAttribute("aria-busy", "true");
  try {
    const told = await call("POST", "/v1/search", body);
    if (turn !== latest) return;
    results.replaceChildren(...told.data.map((result) => entry(result, told)));
    found.textContent = summary(told);
  } catch (error) {
    if (turn !== latest) return;
    found.className = "bad";
    found.textContent = error.message;
  } finally {
    if (turn === latest) results.removeAttribute("aria-busy");
  }
}

function summary(told) {
  if (!told.data.length) return "Nothing was found. Is the document there, and does the chatbot read its source? The page Sources tells how each document stands.";
  const count = told.data.length === 1 ? "One passage" : `${told.data.length} passages`;
  const order = told.reranker ? `, ordered by ${told.reranker}` : "";
  const failures = [told.degraded, told.reranker_failure && `The reranker failed: ${told.reranker_failure}`];
  const failure = failures.filter(Boolean).map((one) => ` ${one}`).join("");
  return `${count} of ${told.candidates} candidates${order}, by configuration ${told.configuration}.${failure}`;
}

function entry(result, told) {
  const best = Math.max(...told.data.map((one) => one.explained.words), Number.EPSILON);
  const { words, meaning, lexical_weight: weight, searched_rank: rank, reranker_score: reranked } = result.explained;
  const place = [result.section && result.section !== result.title ? result.section : null, result.page ? `page ${result.page}` : null].filter(Boolean).join(" · ");
  return el("li", { class: "result", value: result.rank },
    el("h2", {}, el("a", { href: `/documents/${result.document}?version=${result.version}&start=${result.start}&end=${result.end}#passage` }, result.title), place ? el("span", { class: "quiet-words" }, ` ${place}`) : null),
    el("p", { class: "from" }, `${result.source} · ${result.location}`),
    el("p", { class: "content" }, ...renderQuote(result.content)),
    el("dl", { class: "scores" },
      score("Score", result.score, 1, "", "what orders them"),
      score("Words", words, best, `${Math.round(100 * weight)} %`, "BM25"),
      score("Meaning", meaning, 1, `${Math.round(100 * (1 - weight))} %`, "cosine"),
      reranked === null ? null : score("Reranker", reranked, Math.max(1, reranked), "", "decides"),
      reranked === null ? null : el("div", {}, el("dt", {}, "Before that"), el("dd", {}, `rank ${rank}`))));
}

function score(name, value, most, share, what) {
  const words = value.toFixed(value >= 10 ? 1 : 3);
  return el("div", {}, el("dt", {}, name, " ", el("span", { class: "quiet-words" }, [what, share].filter(Boolean).join(", "))),
    el("dd", {}, el("meter", { min: 0, max: most, value: Math.max(0, value), "aria-label": name }, words), ` ${words}`));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const said = new URLSearchParams([...new FormData(form)].filter(([, value]) => value.trim()));
  history.pushState(null, "", `/search?${said}`);
  search();
});

function restore() {
  const asked = new URLSearchParams(location.search);
  for (const [name, value] of asked) if (form.elements[name]) form.elements[name].value = value;
  if (!form.elements.model.value) form.elements.model.selectedIndex = 0;
  form.querySelector("details").open = FILTERS.some((name) => asked.get(name));
  if (asked.get("query")) search();
  else form.elements.query.focus();
}

// What somebody typed before this was loaded stays.
addEventListener("popstate", () => {
  form.reset();
  restore();
});
restore();
