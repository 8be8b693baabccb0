// Charts: each figure is drawn from the numbers that it carries, in the colours of the page, anew when they change.

const COLOURS = 8;
const DAY = /^\d{4}-\d\d-\d\d$/;
const DAY_MS = 86_400_000;
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
const SHAPES = ["circle", "square", "diamond", "triangle-up", "cross", "x"];

/** A colour of the page as it is now, light or dark: what a canvas or SVG attribute understands. */
function colour(name) {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function faint(rgb, share) {
  const parts = rgb.match(/[\d.]+/g).slice(0, 3);
  return `rgba(${parts.join(",")},${share})`;
}

const FORMATS = {
  count: ["", ",.0f"], share: ["", ".1%"], seconds: ["", ",.3~f"], score: ["", ".3f"], tokens: ["", ",.0f"], money: ["", ",.4~f"],
};
const SUFFIX = { seconds: " s" };

function said(unit, axis) {
  return `%{${axis}:${FORMATS[unit][1]}}${SUFFIX[unit] ?? ""}`;
}

function errors(series) {
  if (!series.low || !series.high) return undefined;
  const up = series.y.map((value, at) => (value === null || series.high[at] === null ? 0 : series.high[at] - value));
  const down = series.y.map((value, at) => (value === null || series.low[at] === null ? 0 : value - series.low[at]));
  return { type: "data", symmetric: false, array: up, arrayminus: down, thickness: 1, width: 0 };
}

function told(figure, series, axis) {
  const interval = series.low && series.high;
  const format = FORMATS[figure.unit][1];
  return {
    text: series.text ?? undefined,
    customdata: interval ? series.y.map((_, at) => [series.low[at], series.high[at]]) : undefined,
    hovertemplate: `${said(figure.unit, axis)}${interval ? ` (%{customdata[0]:${format}} to %{customdata[1]:${format}})` : ""}${series.text ? " · %{text}" : ""}`,
  };
}

/** One line with the band of its interval below it. */
function line(figure, series, at, ink) {
  const isShort = series.x.length <= 14;
  const drawn = {
    type: "scatter", mode: series.x.length <= 60 ? "lines+markers" : "lines", name: series.name, x: series.x, y: series.y,
    connectgaps: false, line: { color: ink, width: 2, dash: series.dash ? "dot" : DASHES[at % DASHES.length] },
    marker: { color: ink, size: isShort ? 7 : 4, symbol: SHAPES[at % SHAPES.length] }, ...told(figure, series, "y"),
  };
  if (!series.low || !series.high) return [drawn];
  if (isShort) return [{ ...drawn, error_y: { ...errors(series), color: ink } }];
  return [...bands(series, ink), drawn];
}

/** The band of an interval, a piece for each stretch without a gap: over a gap nothing is known. */
function bands(series, ink) {
  const pieces = [];
  let piece = [];
  series.y.forEach((value, at) => {
    if (value === null || series.low[at] === null || series.high[at] === null) {
      if (piece.length) pieces.push(piece);
      piece = [];
    } else piece.push(at);
  });
  if (piece.length) pieces.push(piece);
  return pieces.filter((one) => one.length > 1).map((one) => ({
    type: "scatter", mode: "lines", x: [...one.map((at) => series.x[at]), ...one.toReversed().map((at) => series.x[at])],
    y: [...one.map((at) => series.high[at]), ...one.toReversed().map((at) => series.low[at])],
    fill: "toself", fillcolor: faint(ink, 0.14), line: { width: 0 }, hoverinfo: "skip", showlegend: false,
  }));
}

function bars(figure, series, ink) {
  const isAcross = figure.kind === "bars_across";
  return [{
    type: "bar", name: series.name, orientation: isAcross ? "h" : "v", x: isAcross ? series.y : series.x, y: isAcross ? series.x : series.y,
    marker: { color: series.dash ? faint(ink, 0.45) : ink },
    ...(errors(series) ? { [isAcross ? "error_x" : "error_y"]: { ...errors(series), color: colour("--ink"), width: 3 } } : {}),
    ...told(figure, series, isAcross ? "x" : "y"), textposition: "none",
  }];
}

function heat(figure) {
  return [{
    type: "heatmap", x: figure.series[0].x, y: figure.series.map((one) => one.name), z: figure.series.map((one) => one.y),
    text: figure.series.map((one) => one.text ?? one.y.map(() => "")), colorscale: "Viridis", xgap: 1, ygap: 1,
    hovertemplate: `%{y}, %{x}: ${said(figure.unit, "z")} %{text}<extra></extra>`,
    colorbar: { thickness: 12, outlinewidth: 0, tickformat: FORMATS[figure.unit][1] },
  }];
}

function traces(figure) {
  if (figure.kind === "heat") return heat(figure);
  return figure.series.flatMap((series, at) => {
    const ink = colour(`--line-${(at % COLOURS) + 1}`);
    return figure.kind === "line" ? line(figure, series, at, ink) : bars(figure, series, ink);
  });
}

function layout(figure, isNarrow) {
  const ink = colour("--ink");
  const quiet = colour("--quiet");
  const rule = colour("--line");
  const isAcross = figure.kind === "bars_across";
  const values = {
    tickformat: figure.unit === "share" ? ".0%" : undefined, ticksuffix: SUFFIX[figure.unit], gridcolor: rule, zerolinecolor: rule,
    rangemode: figure.kind === "line" && figure.unit === "score" ? "normal" : "tozero", automargin: true, fixedrange: true, exponentformat: "none",
  };
  const places = { title: figure.x_title ? { text: figure.x_title, standoff: 8 } : undefined, showgrid: false, linecolor: rule, automargin: true, fixedrange: true };
  if (isAcross) places.autorange = "reversed";
  if (isAcross && figure.series.length === 1) values.title = { text: figure.series[0].name, standoff: 8 };
  const found = new Set(figure.series.flatMap((series) => series.x));
  if (found.size === 1) places.type = "category"; // one day alone would be spread over its milliseconds
  else if (found.size <= 7 && [...found].every((one) => DAY.test(one))) places.dtick = DAY_MS;
  return {
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: quiet },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 8, r: 8, t: figure.marks.length ? 28 : 8, b: 8 },
    xaxis: isAcross ? values : places, yaxis: isAcross ? places : figure.kind === "heat" ? { ...places, autorange: "reversed" } : values,
    barmode: figure.kind === "stack" ? "stack" : "group", bargap: figure.kind === "histogram" ? 0.02 : 0.25,
    hovermode: figure.kind === "line" || figure.kind === "stack" ? "x unified" : "closest",
    hoverlabel: { bgcolor: colour("--raised"), bordercolor: rule, font: { color: ink } },
    showlegend: figure.series.length > 1 && figure.kind !== "heat",
    legend: { orientation: "h", traceorder: "normal", itemclick: false, itemdoubleclick: false, x: 0, y: isNarrow ? 0 : 1.02, yref: isNarrow ? "container" : "paper", yanchor: "bottom", font: { color: ink } },
    shapes: figure.marks.map(([x]) => ({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1, line: { color: quiet, width: 1, dash: "dot" } })),
    annotations: figure.marks.map(([x, words]) => ({ x, yref: "paper", y: 1, yanchor: "bottom", xanchor: "left", text: plain(words), showarrow: false, font: { color: quiet, size: 11 } })),
  };
}

/** Words as words: the library reads a little markup in texts. */
function plain(words) {
  return String(words).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The figure that an element carries; a legend has room for names of so many characters. */
function read(element, room) {
  const figure = JSON.parse(element.dataset.chart);
  for (const series of figure.series) {
    series.name = plain(series.name.length > room ? `${series.name.slice(0, room - 1)}…` : series.name);
    series.text = series.text?.map(plain);
    series.x = series.x.map((one) => (typeof one === "string" ? plain(one) : one));
  }
  return figure;
}

/** How many rem a chart of bars takes: one is not as thick as a page, and twenty can be read. */
function tall(figure) {
  const bars = new Set(figure.series.flatMap((series) => series.x)).size;
  return Math.min(36, 5 + 1.6 * bars * (figure.series.length > 1 ? 1.5 : 1));
}

async function draw(element) {
  const isNarrow = element.clientWidth < 560;
  const figure = read(element, isNarrow ? 30 : 80);
  if (figure.kind === "bars_across") element.style.height = `${tall(figure)}rem`;
  await window.Plotly.react(element, traces(figure), layout(figure, isNarrow), { displayModeBar: false, responsive: true });
  element.dataset.drawn = "";
}

/** All charts from the top; between two the page may answer its reader. */
async function drawAll() {
  for (const element of document.querySelectorAll("figure[data-chart]")) {
    await draw(element);
    await new Promise((resolve) => { setTimeout(resolve); });
  }
}

if (document.querySelector("figure[data-chart]")) {
  await drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.firstChild.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code); // without a safe connection there is no clipboard: then by hand
      button.firstChild.textContent = "Selected";
    }
  });
}

// A form whose address says only what was chosen; who touches a day means days.
for (const form of document.querySelectorAll("form[data-filter]")) {
  const { period, since, until } = form.elements;
  for (const day of [since, until]) day.addEventListener("input", () => { period.value = ""; });
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      if (field.name && (!field.value || (period.value && (field === since || field === until)))) field.disabled = true;
    }
  });
  addEventListener("pageshow", () => { for (const field of form.elements) field.disabled = false; });
}
