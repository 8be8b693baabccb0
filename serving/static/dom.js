// Small hands for pages: elements are made of values, never of markup, so that no text becomes more than text.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  down: "M17 13V4h3v9h-3zm0 0-4 8c-1.5 0-2.5-1-2.5-2.5V15h-5a2 2 0 0 1-2-2.3l1.2-7A2 2 0 0 1 6.7 4H17",
  more: "M4 7h16M4 12h16M4 17h10",
  new: "M12 5v14M5 12h14",
  open: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  pencil: "M4 20l1-5L16 4l4 4L9 19z",
  retry: "M20 5v5h-5M19.5 10A8 8 0 1 0 20 14",
  send: "M12 20V5M5 12l7-7 7 7",
  stop: "M7 7h10v10H7z",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
  up: "M7 11v9H4v-9h3zm0 0 4-8c1.5 0 2.5 1 2.5 2.5V9h5a2 2 0 0 1 2 2.3l-1.2 7A2 2 0 0 1 17.3 20H7",
};

/** An element. `attributes`: names and values; `on…` are listeners, false and null are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A picture that says nothing by itself. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows a picture and is called by words. */
export function iconButton(name, words, onclick, attributes = {}) {
  return el("button", { type: "button", class: "quiet", title: words, "aria-label": words, onclick, ...attributes }, icon(name));
}

/** Ask for a yes, or for a text where `value` is given; null where the person thought better of it. */
export function ask({ title, text = "", yes, value = null, isGrave = false }) {
  return new Promise((resolve) => {
    const field = value === null ? null : el("input", { name: "answer", value, maxlength: 200, "aria-label": title, required: true });
    const dialog = el("dialog", { "aria-labelledby": "dialog-title" },
      el("form", { method: "dialog" },
        el("h2", { id: "dialog-title" }, title),
        text ? el("p", {}, text) : null,
        field,
        el("div", { class: "row end" },
          el("button", { type: "button", class: "plain", onclick: () => dialog.close("") }, "Cancel"),
          el("button", { value: "yes", class: isGrave ? "grave" : "" }, yes))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? (field ? field.value.trim() : "yes") || null : null);
    });
    document.body.append(dialog);
    dialog.showModal();
    if (field) field.select();
  });
}

/** An instant as its reader's clock shows it. */
export function when(iso, isShort = false) {
  const at = new Date(iso);
  const isToday = at.toDateString() === new Date().toDateString();
  const style = isShort ? (isToday ? { timeStyle: "short" } : { day: "numeric", month: "short" }) : { dateStyle: "medium", timeStyle: "short" };
  return el("time", { datetime: iso, title: at.toISOString() }, new Intl.DateTimeFormat("en-GB", style).format(at));
}
