// What a model says, as nodes. Safe by how it is made: only the elements named here, and every word a text node.
// No markup of the model's own, no picture, no address that could be followed; markers like [1] are the caller's.

import { el } from "./dom.js";

const DEEPEST = 6;
const FENCE = /^\s{0,3}(`{3,}|~{3,})/;
const HEADING = /^\s{0,3}(#{1,6})\s+(.+?)\s*#*$/;
const ITEM = /^(\s{0,3})([-*+]|\d{1,9}[.)])\s+(.*)$/;
const QUOTE = /^\s{0,3}>\s?/;
const RULE = /^(?:-[ -]*-[ -]*-|\*[ *]*\*[ *]*\*|_[ _]*_[ _]*_)$/;
const BETWEEN = /^\|?:?-+:?(?:\|:?-+:?)*\|?$/;
const ENTITIES = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'", "#39": "'" };
const INLINE = new RegExp([
  "\\\\(?<escaped>[\\\\`*_{}\\[\\]()#+.!|>~-])",
  "&(?<entity>lt|gt|amp|quot|apos|#39);",
  "(?<ticks>`+)(?<code>[^`]+)\\k<ticks>",
  "\\*\\*(?<strong>[^\\s*](?:[^*]*[^\\s*])?)\\*\\*",
  "\\*(?<em>[^\\s*](?:[^*]*[^\\s*])?)\\*",
  "(?<![\\w_])_(?<under>[^\\s_](?:[^_]*[^\\s_])?)_(?![\\w_])",
  "!\\[(?<picture>[^\\[\\]]*)\\]\\([^)]*\\)",
  "\\[(?<words>[^\\[\\]]+)\\]\\((?<address>[^()\\s]*)[^)]*\\)",
  "\\[(?<marker>\\d{1,3})\\]",
].join("|"), "g");

// In a quote only what can hardly mean anything else: 2**3**4, __init__ and calls[name](event) stay as they are.
const QUOTED = new RegExp([
  "(?<![\\w*])\\*\\*(?<strong>[^\\s*](?:[^\\n*]*[^\\s*])?)\\*\\*(?![\\w*])",
  "(?<ticks>`+)(?<code>[^`\\n]+)\\k<ticks>",
  "(?<![\\w)\\]])!?\\[(?<words>[^\\[\\]\\n]+)\\]\\([^()\\s]*\\)",
].join("|"), "g");

/** Nodes of a text in markdown. `cite(number)` makes what stands for the marker [number]. */
export function render(text, cite) {
  const fragment = document.createDocumentFragment();
  blocks(text.split("\n"), fragment, cite, 0);
  return fragment;
}

/** Nodes of an answer that is made of quotes: paragraphs, markers, and what renderQuote shows. */
export function renderPlain(text, cite) {
  const fragment = document.createDocumentFragment();
  for (const part of text.split(/\n{2,}/)) {
    const paragraph = el("p");
    let at = 0;
    for (const found of part.matchAll(/\[(\d{1,3})\]/g)) {
      paragraph.append(...renderQuote(part.slice(at, found.index)), cite(Number(found[1])));
      at = found.index + found[0].length;
    }
    paragraph.append(...renderQuote(part.slice(at)));
    fragment.append(paragraph);
  }
  return fragment;
}

/** Nodes of a document's own words: emphasis, code and links are shown as such, all else as it stands. */
export function renderQuote(text) {
  const nodes = [];
  let at = 0;
  for (const { index, groups, 0: all } of text.matchAll(QUOTED)) {
    nodes.push(text.slice(at, index));
    if (groups.strong !== undefined) nodes.push(el("strong", {}, ...renderQuote(groups.strong)));
    else if (groups.code !== undefined) nodes.push(el("code", {}, groups.code));
    else nodes.push(...renderQuote(groups.words));
    at = index + all.length;
  }
  return [...nodes, text.slice(at)].filter((node) => node !== "");
}

function blocks(lines, into, cite, depth) {
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const isOpen = depth < DEEPEST;
    let match;
    if (!line.trim()) at += 1;
    else if ((match = FENCE.exec(line))) at = fence(lines, at, match[1], into);
    else if ((match = HEADING.exec(line))) {
      into.append(el(match[1].length < 3 ? "h3" : "h4", {}, ...inline(match[2], cite, depth)));
      at += 1;
    } else if (RULE.test(line.trim())) {
      into.append(el("hr"));
      at += 1;
    } else if (isOpen && QUOTE.test(line)) at = quote(lines, at, into, cite, depth);
    else if (isOpen && ITEM.test(line)) at = list(lines, at, into, cite, depth);
    else if (isTable(lines, at)) at = table(lines, at, into, cite, depth);
    else at = paragraph(lines, at, into, cite, depth);
  }
}

function fence(lines, at, mark, into) {
  const body = [];
  for (at += 1; at < lines.length && !lines[at].trim().startsWith(mark); at += 1) body.push(lines[at]);
  into.append(el("pre", { tabindex: "0" }, el("code", {}, body.join("\n"))));
  return at + 1;
}

function quote(lines, at, into, cite, depth) {
  const body = [];
  for (; at < lines.length && QUOTE.test(lines[at]); at += 1) body.push(lines[at].replace(QUOTE, ""));
  const quoted = el("blockquote");
  blocks(body, quoted, cite, depth + 1);
  into.append(quoted);
  return at;
}

function list(lines, at, into, cite, depth) {
  const first = ITEM.exec(lines[at]);
  const isCounted = /\d/.test(first[2]);
  const items = el(isCounted ? "ol" : "ul", isCounted ? { start: parseInt(first[2], 10) } : {});
  let match;
  while (at < lines.length && (match = ITEM.exec(lines[at])) && /\d/.test(match[2]) === isCounted) {
    const body = [match[3]];
    for (at += 1; at < lines.length && (/^\s{2,}\S/.test(lines[at]) || (!lines[at].trim() && /^\s{2,}\S/.test(lines[at + 1] ?? ""))); at += 1) {
      body.push(lines[at].replace(/^\s{1,4}/, ""));
    }
    if (at < lines.length && !lines[at].trim() && ITEM.test(lines[at + 1] ?? "")) at += 1;
    const item = el("li");
    if (body.length === 1) item.append(...inline(body[0], cite, depth));
    else blocks(body, item, cite, depth + 1);
    items.append(item);
  }
  into.append(items);
  return at;
}

function isTable(lines, at) {
  return lines[at].includes("|") && at + 1 < lines.length && lines[at + 1].includes("|") && BETWEEN.test(lines[at + 1].replace(/\s/g, ""));
}

function table(lines, at, into, cite, depth) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
  const row = (line, tag) => el("tr", {}, ...cells(line).map((cell) => el(tag, tag === "th" ? { scope: "col" } : {}, ...inline(cell, cite, depth))));
  const head = el("thead", {}, row(lines[at], "th"));
  const body = el("tbody");
  for (at += 2; at < lines.length && lines[at].includes("|"); at += 1) body.append(row(lines[at], "td"));
  into.append(el("div", { class: "scrolls", tabindex: "0" }, el("table", {}, head, body)));
  return at;
}

function paragraph(lines, at, into, cite, depth) {
  const body = [lines[at]];
  for (at += 1; at < lines.length && lines[at].trim() && !begins(lines, at); at += 1) body.push(lines[at]);
  into.append(el("p", {}, ...inline(body.join("\n").trim(), cite, depth)));
  return at;
}

function begins(lines, at) {
  return [FENCE, HEADING, QUOTE, ITEM].some((start) => start.test(lines[at])) || RULE.test(lines[at].trim());
}

function inline(text, cite, depth) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    nodes.push(text.slice(at, found.index), ...spoken(found.groups, cite, depth));
    at = found.index + found[0].length;
  }
  nodes.push(text.slice(at));
  return nodes.filter((node) => node !== "");
}

function spoken(group, cite, depth) {
  const within = (words) => (depth < DEEPEST ? inline(words, cite, depth + 1) : [words]);
  if (group.escaped !== undefined) return [group.escaped];
  if (group.entity !== undefined) return [ENTITIES[group.entity]];
  if (group.code !== undefined) return [el("code", {}, group.code)];
  if (group.strong !== undefined) return [el("strong", {}, ...within(group.strong))];
  const leaning = group.em ?? group.under;
  if (leaning !== undefined) return [el("em", {}, ...within(leaning))];
  if (group.picture !== undefined) return [group.picture];
  if (group.words !== undefined) return [...within(group.words), group.address ? ` (${group.address})` : ""];
  return [cite(Number(group.marker))];
}
