// The chat page: a conversation with a chatbot, its answers as they are said, and where their words stand.

import { call, stream } from "./api.js";
import { ask, el, icon, iconButton, when } from "./dom.js";
import { render, renderPlain, renderQuote } from "./markdown.js";
import { close as closePanel, follows } from "./panel.js";

const POLL_MS = 5000;
const SESSIONS = 30;
const REASONS = ["Wrong", "Outdated", "Not what I asked", "Incomplete"];
const page = Object.fromEntries(
  ["chat", "live", "log", "empty", "composer", "question", "send", "stop", "chatbot", "about", "status", "sessions", "older", "drawer", "drawer-open", "title", "new"]
    .map((id) => [id, document.getElementById(id)]));

let session = null; // the id of the conversation, once there is one
let answering = null; // what stops the answer that is being said
let waiting = null; // the timer of a conversation that waits for a person
let asked = 0; // each conversation that is opened has a number; what comes late for another one is dropped

// ---------------------------------------------------------------- asking

async function send(question) {
  if (answering || !question.trim()) return;
  const turn = asked;
  const name = page.chatbot.value;
  addQuestion(question);
  const answer = addAnswer(name);
  answering = new AbortController();
  setBusy(true);
  say("Answering …");
  let text = "";
  let ending = {};
  try {
    const body = { model: name, messages: [{ role: "user", content: question }], ...(session ? { session_id: session } : {}) };
    for await (const chunk of stream(body, answering.signal, (headers) => keepSession(headers.get("X-Session-Id")))) {
      if (turn !== asked) return;
      answer.id = chunk.id;
      const choice = chunk.choices[0];
      if (choice?.delta?.content) answer.words((text += choice.delta.content));
      if (choice?.finish_reason) ending = chunk;
    }
    answer.finish({ ...ending, text });
    say(spoken(ending));
  } catch (error) {
    const wasStopped = error.name === "AbortError";
    if (turn !== asked) return;
    answer.finish({ ...ending, text, outcome: wasStopped ? "cancelled" : "failed", failure: wasStopped ? null : error.message, again: question });
    say(wasStopped ? "Stopped." : error.message);
  } finally {
    if (turn === asked) {
      answering = null;
      setBusy(false);
    }
    listSessions();
    if (ending.outcome === "handed_over") watch();
  }
}

function stop() {
  answering?.abort();
}

function setBusy(isBusy) {
  page.send.hidden = isBusy;
  page.stop.hidden = !isBusy;
  page.live.setAttribute("aria-busy", String(isBusy));
}

function say(words) {
  page.status.textContent = words;
}

function spoken(ending) {
  const cited = ending.citations?.length ?? 0;
  if (ending.outcome === "no_answer") return "The documents do not answer this.";
  return cited ? `Answered, with ${cited} ${cited === 1 ? "source" : "sources"}.` : "Answered.";
}

// ---------------------------------------------------------------- turns

function addQuestion(text) {
  page.empty.hidden = true;
  page.log.append(el("li", { class: "turn asked" }, el("div", { class: "bubble" }, text)));
  toEnd(true);
}

/** A place for an answer: `words` shows what was said until now, `finish` all that is known when it is over. */
function addAnswer(name) {
  const prose = el("div", { class: "prose" });
  const turn = el("li", { class: "turn answer", "aria-busy": "true" },
    el("div", { class: "speaker" }, name), prose, el("p", { class: "thinking" }, el("span", { class: "dots", "aria-hidden": "true" }), "Looking into the documents"));
  page.log.append(turn);
  toEnd(true);
  let shown = null;
  const answer = {
    id: null,
    words(text) {
      turn.querySelector(".thinking")?.remove();
      if (shown !== null) cancelAnimationFrame(shown);
      shown = requestAnimationFrame(() => {
        const isAtEnd = atEnd();
        prose.replaceChildren(render(text, (number) => el("sup", { class: "marker" }, String(number))));
        if (isAtEnd) toEnd();
      });
    },
    finish(told) {
      if (shown !== null) cancelAnimationFrame(shown);
      const isAtEnd = atEnd();
      turn.querySelector(".thinking")?.remove();
      turn.removeAttribute("aria-busy");
      fill(turn, prose, { ...told, id: answer.id });
      if (isAtEnd) toEnd();
    },
  };
  return answer;
}

function fill(turn, prose, told) {
  const cited = new Map((told.citations ?? []).map((citation) => [citation.index, citation]));
  const cite = (number) => marker(number, cited.get(number));
  prose.replaceChildren(told.answered_by === "extractive" ? renderPlain(told.text, cite) : render(told.text, cite));
  const note = stateOf(told);
  if (note) {
    turn.append(el("p", { class: `note ${note.kind}` }, note.words,
      told.again ? el("button", { type: "button", class: "plain", onclick: () => send(told.again) }, icon("retry"), "Ask again") : null));
  }
  if (cited.size) turn.append(sources([...cited.values()]));
  if (told.text || told.id) turn.append(tools(told));
}

/** What a person must know of how this answer came to be; null where it is plainly one. */
function stateOf(told) {
  if (told.failure) return { kind: "bad", words: told.text ? `This answer is not whole. ${told.failure}` : told.failure };
  const states = {
    cancelled: ["plain", "You stopped this answer. What was said until then is kept."],
    failed: ["bad", "This answer failed before it was whole."],
    no_answer: ["warn", "Nothing in the documents answers this. It is noted as a gap."],
    handed_over: ["warn", "A person will answer here. Leave this page open, or come back to this conversation."],
    turned_away: ["warn", "This was not taken as a question, and nothing was searched."],
    canned: ["plain", "These words were written for this question by those who run the chatbot."],
  };
  if (states[told.outcome]) return { kind: states[told.outcome][0], words: states[told.outcome][1] };
  if (told.instead_of) return { kind: "warn", words: `${told.instead_of} did not answer. ${told.answered_by === "extractive" ? "These are sentences of the documents, word for word." : `${told.answered_by} answered instead.`}` };
  if (told.answered_by === "extractive") return { kind: "plain", words: "Sentences of the documents, word for word. No language model wrote this." };
  if (told.degraded) return { kind: "warn", words: told.degraded };
  if (told.citations_dropped) return { kind: "warn", words: "Some of what was said could not be found in the documents, and lost its mark." };
  return null;
}

function addressOf(citation) {
  return `/documents/${citation.document}?version=${citation.version}&start=${citation.start}&end=${citation.end}#passage`;
}

function marker(number, citation) {
  if (!citation?.version) return el("sup", { class: "marker" }, String(number));
  return el("sup", {}, el("a", {
    class: "marker", href: addressOf(citation), title: `${citation.title}: ${citation.quote.slice(0, 120)}`,
    "aria-label": `Source ${number}: ${citation.title}`, onclick: (event) => follows(event, event.currentTarget),
  }, String(number)));
}

function sources(citations) {
  return el("section", { class: "cited", "aria-label": "Sources" }, el("ol", {}, ...citations.map((citation) => {
    if (!citation.version) {
      return el("li", { value: citation.index }, el("p", { class: "quiet-words" }, "This document was erased since then, and its words with it."));
    }
    const place = [citation.section, citation.page ? `page ${citation.page}` : null].filter(Boolean).join(" · ");
    return el("li", { value: citation.index }, el("a", { href: addressOf(citation), onclick: (event) => follows(event, event.currentTarget) },
      el("span", { class: "number", "aria-hidden": "true" }, String(citation.index)),
      el("span", { class: "where" }, el("strong", {}, citation.title), place && place !== citation.title ? el("span", {}, ` ${place}`) : null),
      el("q", {}, ...renderQuote(citation.quote)),
      el("span", { class: "from" }, `${citation.source} · ${citation.location}`, ...(citation.as_of ? [" · as of ", when(citation.as_of)] : []))));
  })));
}

// ---------------------------------------------------------------- what a person does with an answer

function tools(told) {
  const row = el("div", { class: "tools" });
  const copy = iconButton("copy", "Copy the answer", async () => {
    await copied(told.text);
    say("Copied.");
    copy.classList.add("done");
    setTimeout(() => copy.classList.remove("done"), 1500);
  });
  row.append(copy);
  if (told.id) {
    const judge = (feedback) => (event) => opinion(row, told, feedback, event.currentTarget);
    const pressed = told.feedback ?? null;
    row.append(
      iconButton("up", "This helped", judge("positive"), { "aria-pressed": String(pressed === "positive") }),
      iconButton("down", "This did not help", judge("negative"), { "aria-pressed": String(pressed === "negative") }),
      el("span", { class: "thanks", role: "status" }));
  }
  if (told.why) row.append(el("details", { class: "how" }, el("summary", {}, "How"), el("p", {}, how(told))));
  return row;
}

function how(told) {
  const parts = [`Agent ${told.agent}: ${told.why}.`, told.degraded, `Answered by ${told.answered_by}`].filter(Boolean);
  return parts.join(" ") + (told.configuration ? `, configuration ${told.configuration}.` : ".");
}

async function copied(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch {
      // some browsers ask, and the person may say no; the old way remains
    }
  }
  const field = el("textarea", { class: "unseen" });
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

async function opinion(row, told, feedback, button, reason = undefined) {
  const thanks = row.querySelector(".thanks");
  try {
    await call("POST", "/v1/feedback", { message_id: told.id, feedback, ...(reason ? { reason } : {}) });
  } catch (error) {
    thanks.textContent = error.message;
    return;
  }
  for (const each of row.querySelectorAll("[aria-pressed]")) each.setAttribute("aria-pressed", String(each === button));
  row.parentElement.querySelector(".reason")?.remove();
  thanks.textContent = reason ? "Thank you, that is noted." : "Thank you.";
  if (!reason) row.after(why(row, told, feedback, button));
}

function why(row, told, feedback, button) {
  const field = el("input", { maxlength: 2000, placeholder: feedback === "negative" ? "What is wrong with it?" : "What was good about it?", "aria-label": "Reason" });
  const form = el("form", { class: "reason" },
    ...(feedback === "negative" ? [el("div", { class: "row" }, ...REASONS.map((reason) =>
      el("button", { type: "button", class: "chip", onclick: () => opinion(row, told, feedback, button, reason) }, reason)))] : []),
    el("div", { class: "row" }, field, el("button", { class: "plain" }, "Send")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim()) opinion(row, told, feedback, button, field.value.trim());
  });
  return form;
}

// ---------------------------------------------------------------- conversations

function keepSession(id) {
  if (!id || id === session) return;
  session = id;
  setAddress();
}

function setAddress() {
  const query = new URLSearchParams(session ? { session } : { chatbot: page.chatbot.value });
  history.replaceState(null, "", `/?${query}`);
}

function begin() {
  leave();
  session = null;
  page.log.replaceChildren();
  page.empty.hidden = false;
  page.title.textContent = "New conversation";
  page.chatbot.disabled = false;
  setAddress();
  markCurrent();
  page.question.focus();
}

/** Nothing that was under way belongs to what is shown next. */
function leave() {
  asked += 1;
  answering?.abort();
  answering = null;
  setBusy(false);
  clearInterval(waiting);
  waiting = null;
  closePanel();
  openDrawer(false);
}

async function open(id) {
  leave();
  const turn = asked;
  let told;
  try {
    told = await whole(id);
  } catch (error) {
    if (turn !== asked) return;
    begin();
    say(error.message);
    page.log.append(el("li", { class: "turn" }, el("p", { class: "note bad" }, error.message)));
    return;
  }
  if (turn !== asked) return;
  session = told.id;
  show(told);
  setAddress();
  markCurrent();
  if (told.waits_since) watch();
}

async function whole(id) {
  const told = await call("GET", `/v1/sessions/${id}?limit=200`);
  let more = told;
  while (more.has_more) {
    more = await call("GET", `/v1/sessions/${id}?limit=200&after=${more.last_id}`);
    told.messages.push(...more.messages);
  }
  return told;
}

function show(told) {
  page.title.textContent = told.title || "Conversation";
  page.empty.hidden = told.messages.length > 0;
  if ([...page.chatbot.options].some((option) => option.value === told.chatbot)) page.chatbot.value = told.chatbot;
  page.chatbot.disabled = true;
  page.log.replaceChildren(...told.messages.map((message) => {
    if (message.role === "user") return el("li", { class: "turn asked" }, el("div", { class: "bubble" }, message.content));
    const prose = el("div", { class: "prose" });
    const isPerson = message.answered_by === "person";
    const turn = el("li", { class: `turn answer${isPerson ? " person" : ""}` }, el("div", { class: "speaker" }, isPerson ? message.agent : told.chatbot), prose);
    const own = message.feedback.find((one) => one.user_id === page.chat.dataset.user) ?? message.feedback[0];
    fill(turn, prose, { ...message, text: message.content, feedback: own?.feedback });
    return turn;
  }));
  toEnd(true);
}

/** Look whether a person has answered by now, as long as the page is looked at. */
function watch() {
  clearInterval(waiting);
  const turn = asked;
  let known = page.log.children.length;
  waiting = setInterval(async () => {
    if (document.hidden || answering || turn !== asked) return;
    const told = await whole(session).catch(() => null);
    if (!told || turn !== asked || answering) return;
    if (told.messages.length > known) {
      known = told.messages.length;
      show(told);
      say("There is a new answer.");
    }
    if (!told.waits_since) clearInterval(waiting);
  }, POLL_MS);
}

async function listSessions(after = null) {
  let found;
  try {
    found = await call("GET", `/v1/sessions?mine=true&limit=${SESSIONS}${after ? `&after=${after}` : ""}`);
  } catch {
    return; // the list is a convenience; what failed is told where the person asks for something
  }
  if (!after) page.sessions.replaceChildren();
  page.sessions.append(...found.data.map(entry));
  if (!after && !found.data.length) page.sessions.append(el("li", { class: "quiet-words" }, "What you ask is kept here."));
  page.older.hidden = !found.has_more;
  page.older.onclick = () => listSessions(found.last_id);
  markCurrent();
}

function entry(one) {
  const title = one.title || "Conversation";
  return el("li", { class: "session", "data-id": one.id },
    el("a", { href: `/?session=${one.id}`, onclick: (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
      open(one.id);
    } }, el("span", { class: "session-title" }, title),
      el("span", { class: "session-about" }, one.chatbot, " · ", when(one.updated_at, true), one.waits_since ? " · waits for a person" : "")),
    iconButton("pencil", `Rename “${title}”`, () => rename(one)),
    iconButton("trash", `Delete “${title}”`, () => remove(one)));
}

function markCurrent() {
  for (const item of page.sessions.querySelectorAll(".session")) {
    const isCurrent = item.dataset.id === session;
    const link = item.querySelector("a");
    if (isCurrent) {
      link.setAttribute("aria-current", "page");
      page.title.textContent = item.querySelector(".session-title").textContent;
      page.chatbot.disabled = true;
    } else link.removeAttribute("aria-current");
  }
}

async function rename(one) {
  const title = await ask({ title: "Rename the conversation", yes: "Rename", value: one.title });
  if (title && title !== one.title) await change(() => call("PATCH", `/v1/sessions/${one.id}`, { title }));
}

async function remove(one) {
  const sure = await ask({ title: "Delete this conversation?", text: `“${one.title || "Conversation"}” is shown no more.`, yes: "Delete", isGrave: true });
  if (!sure) return;
  await change(() => call("DELETE", `/v1/sessions/${one.id}`));
  if (one.id === session) begin();
}

async function change(doing) {
  try {
    await doing();
  } catch (error) {
    say(error.message);
  }
  await listSessions();
}

// ---------------------------------------------------------------- the page

function atEnd() {
  const { scrollHeight, scrollTop, clientHeight } = page.chat;
  return scrollHeight - scrollTop - clientHeight < 80;
}

function toEnd(always = false) {
  if (always || atEnd() || answering) page.chat.scrollTop = page.chat.scrollHeight;
}

function openDrawer(isOpen) {
  page.drawer.classList.toggle("open", isOpen);
  page["drawer-open"].setAttribute("aria-expanded", String(isOpen));
  if (isOpen) page.new.focus();
}

function fit() {
  page.question.classList.toggle("two", page.question.value.includes("\n") || page.question.value.length > 60);
}

function describe() {
  const option = page.chatbot.selectedOptions[0];
  page.about.textContent = option?.dataset.about ?? "";
}

page.composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = page.question.value;
  if (!question.trim() || answering || !page.chatbot.value) return;
  page.question.value = "";
  fit();
  send(question);
});
page.question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    page.composer.requestSubmit();
  }
});
page.question.addEventListener("input", fit);
page.stop.addEventListener("click", () => {
  stop();
  page.question.focus();
});
page.chatbot.addEventListener("change", () => {
  describe();
  setAddress();
});
page.new.addEventListener("click", begin);
page["drawer-open"].addEventListener("click", () => openDrawer(!page.drawer.classList.contains("open")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  if (closePanel()) return;
  if (page.drawer.classList.contains("open")) {
    openDrawer(false);
    page["drawer-open"].focus();
  } else if (answering) {
    stop();
    page.question.focus();
  }
});

const query = new URLSearchParams(location.search);
if (query.get("chatbot") && [...page.chatbot.options].some((option) => option.value === query.get("chatbot"))) page.chatbot.value = query.get("chatbot");
describe();
listSessions();
if (query.get("session")) open(query.get("session"));
else page.question.focus();
