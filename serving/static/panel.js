// The place beside a page where the cited words are shown in their document, without leaving the page.

import { el, icon } from "./dom.js";

const panel = document.getElementById("panel");
let opener = null;

/** Show the passage that a link leads to, where there is room; the link is followed where there is none. */
export function follows(event, link) {
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!panel || !isPlain || !matchMedia("(min-width: 62rem)").matches) return;
  event.preventDefault();
  opener = link;
  show(link.getAttribute("href"));
}

/** Close it; whoever opened it has the focus again. */
export function close() {
  if (!panel || panel.hidden) return false;
  panel.hidden = true;
  panel.replaceChildren();
  document.body.classList.remove("has-panel");
  opener?.focus();
  return true;
}

async function show(address) {
  const heading = el("h2", { tabindex: "-1" }, "Source");
  const body = el("div", { class: "panel-body", "aria-busy": "true" }, el("p", { class: "quiet-words" }, "Opening the document …"));
  panel.replaceChildren(
    el("div", { class: "panel-head" }, heading,
      el("a", { class: "button quiet", href: address, title: "Open the whole document", "aria-label": "Open the whole document" }, icon("open")),
      el("button", { type: "button", class: "quiet", title: "Close (Esc)", "aria-label": "Close the source", onclick: close }, icon("close"))),
    body);
  panel.hidden = false;
  document.body.classList.add("has-panel");
  heading.focus();
  body.replaceChildren(...(await passage(address)));
  body.removeAttribute("aria-busy");
  const cited = body.querySelector("mark");
  if (cited) body.scrollTop += cited.getBoundingClientRect().top - body.getBoundingClientRect().top - body.clientHeight / 3;
}

async function passage(address) {
  const asked = new URL(address, location.href);
  try {
    const response = await fetch(`${asked.pathname}${asked.search}`, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.getElementById(response.ok ? "reading" : "content");
    return [...document.importNode(found, true).children];
  } catch {
    return [el("p", { role: "alert" }, "The document could not be opened. Is the server running?")];
  }
}
