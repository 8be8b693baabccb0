// What every page does: instants in the reader's own time, buttons that ask the API for something, old places in texts.

import { call } from "./api.js";
import { ask, when } from "./dom.js";

/** Show the instants of a part of the page as its reader's clock does. */
export function localize(part) {
  for (const time of part.querySelectorAll("time[datetime]")) time.replaceWith(when(time.dateTime));
}

localize(document);

// A button says what it sends as HTTP does: the method, the address, and maybe a body.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-send]");
  if (!button) return;
  const { send, body, confirm, text = "", grave } = button.dataset;
  if (confirm && !(await ask({ title: confirm, text, yes: button.textContent.trim(), isGrave: grave !== undefined }))) return;
  const said = document.getElementById("said");
  const [method, address] = send.split(" ");
  button.disabled = true;
  try {
    await call(method, address, body && JSON.parse(body));
    location.reload();
  } catch (error) {
    button.disabled = false;
    said.textContent = error.message;
    said.classList.add("bad");
  }
});

// Whoever has a place of a text as #start-end is led to it.
const place = /^#(\d+)-(\d+)$/.exec(location.hash);
if (place && location.pathname.startsWith("/documents/")) {
  const asked = new URLSearchParams(location.search);
  asked.set("start", place[1]);
  asked.set("end", place[2]);
  location.replace(`${location.pathname}?${asked}#passage`);
}

document.querySelector("a[data-back]")?.addEventListener("click", (event) => {
  if (history.length > 1) {
    event.preventDefault();
    history.back();
  }
});
