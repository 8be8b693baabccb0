// Pushes documents into a source in parts (tus 1.0.0), goes on where they were cut off, and tells how each then stands.

import { Failed, call, send } from "./api.js";
import { el } from "./dom.js";
import { localize } from "./page.js";

const PART_BYTES = 1 << 20;
const TRIES = 8;
const LOOKS_EVERY_MS = 2000;
const TUS = { "Tus-Resumable": "1.0.0" };
const section = document.getElementById("add");
const drop = section.querySelector(".drop");
const source = `/v1/sources/${section.dataset.source}`;
const queue = [];
const waiting = new Map();
let isPushing = false;
let isWatching = false;

/** What is seen of one file, from when it was chosen until it is known what became of it. */
class Row {
  constructor(file, path) {
    this.file = file;
    this.path = path;
    this.words = el("p", { class: "quiet-words" });
    this.side = el("div", { class: "row" });
    this.line = el("li", {}, el("div", {}, el("span", { class: "path" }, path), ` ${size(file.size)}`, this.words), this.side);
  }

  say(words, kind = "quiet-words", ...side) {
    this.words.className = kind;
    this.words.textContent = words;
    this.side.replaceChildren(...side);
  }

  progress(received, words = "") {
    const percent = this.file.size ? Math.floor((100 * received) / this.file.size) : 0;
    this.say(words || `${percent} % came.`, words ? "warn" : "quiet-words",
      el("progress", { value: received, max: this.file.size || 1, "aria-label": `How much of ${this.path} came` }));
  }

  refuse(error) {
    const again = el("button", { type: "button", class: "plain", "aria-label": `Go on: ${this.path}`, onclick: () => add(this) }, "Go on");
    this.say(error.message, "bad", isPassing(error) ? again : "");
  }
}

function add(...rows) {
  for (const row of rows) {
    document.querySelector(`#add li[data-path="${CSS.escape(row.path)}"]`)?.remove();
    row.say("It waits for its turn.");
    if (!row.line.isConnected) document.getElementById("pushed").append(row.line);
  }
  queue.push(...rows);
  if (!isPushing) pushAll();
}

async function pushAll() {
  isPushing = true;
  let come = 0;
  while (queue.length) {
    const row = queue.shift();
    tell(`${row.path} is on its way${queue.length ? `, ${queue.length} more wait` : ""}.`);
    try {
      await push(row);
      come += 1;
      waiting.set(row.path, row);
      row.say("It came, and waits for the next sync.");
      if (!isWatching) watch();
    } catch (error) {
      row.refuse(error);
    }
  }
  isPushing = false;
  tell(`${come} ${come === 1 ? "document" : "documents"} came.`);
}

function tell(words) {
  document.getElementById("progress").textContent = words;
}

/** Push a file until all of it has come. Whatever breaks off is tried again from where it stands. Throws Failed. */
async function push(row) {
  const checksum = await digest(row.file);
  let upload = null;
  let failures = 0;
  while (upload === null || upload.received < row.file.size) {
    try {
      if (upload === null) upload = await begin(row, checksum);
      else if (failures) upload.received = offset(await send("HEAD", upload.address, undefined, { headers: TUS }));
      row.progress(upload.received);
      if (upload.received === row.file.size) return;
      const part = await read(row.file.slice(upload.received, upload.received + PART_BYTES));
      const headers = { ...TUS, "Upload-Offset": String(upload.received), "Content-Type": "application/offset+octet-stream" };
      upload.received = offset(await send("PATCH", upload.address, part, { headers }));
      failures = 0;
    } catch (error) {
      const isGone = upload !== null && error.status === 404;
      failures += 1;
      if (failures >= TRIES || !(isGone || isPassing(error))) throw error;
      row.progress(upload?.received ?? 0, "The line broke off. It goes on by itself.");
      // it has expired, or somebody has ended it
      if (isGone) upload = null;
      await pause(Math.min(15_000, 250 * 2 ** failures));
    }
  }
}

/** Where an earlier try of the same bytes stands, else a new beginning. */
async function begin(row, checksum) {
  const { data } = await call("GET", `${source}/uploads`);
  const known = data.find((one) => checksum && one.sha256 === checksum && one.path === row.path && one.file_size === row.file.size);
  if (known) return { address: known.address, received: known.received };
  const about = { path: row.path, filetype: row.file.type, sha256: checksum };
  const metadata = Object.entries(about).filter(([, value]) => value).map(([name, value]) => `${name} ${base64(value)}`);
  const headers = { ...TUS, "Upload-Length": String(row.file.size), "Upload-Metadata": metadata.join() };
  const answer = await send("POST", `${source}/uploads`, undefined, { headers });
  return { address: answer.headers.get("Location"), received: 0 };
}

function offset(answer) {
  return Number(answer.headers.get("Upload-Offset"));
}

/** Whether to try again makes sense: the line, the server, a torn part, or somebody who sends the same beside us. */
function isPassing(error) {
  return [0, 408, 409, 429, 460].includes(error.status) || error.status >= 500;
}

/** The SHA-256 of a file; none of what is refused anyway, or where the browser reckons none: pages over plain HTTP. */
async function digest(file) {
  if (!crypto.subtle || file.size > Number(section.dataset.largest)) return "";
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await read(file)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function read(part) {
  try {
    return await part.arrayBuffer();
  } catch {
    throw new Failed(400, "Your browser cannot read it any more. Was it moved or changed? Choose it again.");
  }
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function size(bytes) {
  const [unit, name] = bytes < 1 << 10 ? [1, "bytes"] : bytes < 1 << 20 ? [1 << 10, "KiB"] : [1 << 20, "MiB"];
  return `${new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 }).format(bytes / unit)} ${name}`;
}

/** Look at the source's syncs until it is known of each document what became of it. */
async function watch() {
  isWatching = true;
  while (waiting.size) {
    await pause(LOOKS_EVERY_MS);
    try {
      const [sync] = (await call("GET", `${source}/syncs?limit=1`)).data;
      if (sync?.status === "queued" || sync?.status === "processing") {
        const words = sync.status === "queued" ? "It came, and waits for the next sync." : `A sync is under way: ${sync.stage} ${sync.done} of ${sync.total}.`;
        for (const row of waiting.values()) row.say(words);
      } else {
        for (const row of [...waiting.values()]) await settle(row, sync);
        await refresh();
      }
    } catch (error) {
      if (isPassing(error)) continue;
      tell(error.message);
      waiting.clear();
    }
  }
  isWatching = false;
}

async function settle(row, sync) {
  const path = row.path.split("/").map(encodeURIComponent).join("/");
  let state = null;
  try {
    state = await call("GET", `${source}/documents/${path}`);
  } catch (error) {
    if (error.status !== 404) throw error;
  }
  waiting.delete(row.path);
  const open = state && el("a", { class: "button plain", href: `/documents/${state.id}`, "aria-label": `Open ${row.path}` }, "Open");
  const isOld = sync?.status === "failed" && !(Date.parse(state?.as_of) >= Date.parse(sync.started_at));
  if (isOld) row.say(`The sync failed: ${sync.reason}`, "bad", open ?? "");
  else if (state?.state === "ready") row.say("It can be found.", "good", open);
  else if (state?.reason) row.say(`${state.reason.replace(/\.?$/, ".")} ${state.remedy}`, "bad", open);
  else if (state) row.say("It waits for its passages and vectors.", "quiet-words", open);
  else row.say("The sync did not bring it as a document. Below stands what fails, and what to do.", "bad");
}

/** Show how the source stands now, unless somebody is at work there. */
async function refresh() {
  const standing = document.getElementById("standing");
  if (standing.contains(document.activeElement)) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["state", "standing"]) {
    const part = document.importNode(fresh.getElementById(id), true);
    localize(part);
    document.getElementById(id).replaceWith(part);
  }
}

/** The files of what was dropped, those in folders too, with their paths. */
async function* filesOf(entry) {
  if (entry.isFile) {
    yield [await new Promise((resolve, reject) => entry.file(resolve, reject)), entry.fullPath.slice(1)];
    return;
  }
  const reader = entry.createReader();
  while (true) {
    // a folder is told in pieces; an empty one is the end
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const each of some) yield* filesOf(each);
  }
}

for (const input of drop.querySelectorAll("input")) {
  input.addEventListener("change", () => {
    add(...[...input.files].map((file) => new Row(file, file.webkitRelativePath || file.name)));
    input.value = "";
  });
}
drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  for (const entry of [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean)) {
    for await (const [file, path] of filesOf(entry)) add(new Row(file, path));
  }
});
addEventListener("beforeunload", (event) => {
  if (isPushing) event.preventDefault();
});
