// What every page does: instants in the reader's own time, buttons that ask the API for something, old places in texts.

import { call } from "./api.js";
import { ask, when } from "./dom.js";

for (const time of document.querySelectorAll("time[datetime]")) time.replaceWith(when(time.dateTime));

for (const button of document.querySelectorAll("button[data-post]")) {
  button.addEventListener("click", async () => {
    const { post, confirm, text = "", grave } = button.dataset;
    if (confirm && !(await ask({ title: confirm, text, yes: button.textContent.trim(), isGrave: grave !== undefined }))) return;
    const said = document.getElementById("said");
    button.disabled = true;
    try {
      await call("POST", post);
      location.reload();
    } catch (error) {
      button.disabled = false;
      said.textContent = error.message;
      said.classList.add("bad");
    }
  });
}

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
