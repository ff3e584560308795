"use strict";
const SVG = "http://www.w3.org/2000/svg";
const LONG = 40;
const WORDS = JSON.parse(document.documentElement.dataset.words || "{}");
const say = (template, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, () => value), WORDS[template] || template);
const shown = (value) =>
  value === null ? say("no data") : typeof value === "number" ? String(value).replace("-", "−") : value;

function element(tag, attributes, parent, text) {
  const svg = ["svg", "line", "path", "rect", "text", "circle", "polyline"].includes(tag);
  const made = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

function openMap(figure) {
  const data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  const control = (name) => figure.querySelector(`[name="${name}"]`);
  const paths = [...figure.querySelectorAll(".units path")];
  const links = figure.querySelector(".links");
  const city = figure.querySelector(".city");
  const invitation = city.firstElementChild;
  const gap = `url(#${figure.id}-gap)`;
  let chosen = null;

  const layer = () => data.layers[Number(control("layer").value)];
  const weights = () => data.weights[Number(control("weights").value)];
  const year = () => Number(control("year").value);
  const table = () => layer().tables[weights() ? weights().key : ""] || layer().tables[""];
  const neighbours = () => (chosen === null || !weights() ? [] : weights().years[year()][chosen]);
  function fill(value) {
    if (value === null) return gap;
    const { cuts, colors } = layer();
    return cuts === null ? colors[value] || gap : colors[cuts.filter((cut) => value > cut).length];
  }

  function paint() {
    const values = table()[year()];
    paths.forEach((path, place) => {
      path.setAttribute("fill", fill(values[place]));
      path.firstElementChild.textContent = say("{city}: {value}", { city: data.names[place], value: shown(values[place]) });
    });
    figure.querySelector("output").textContent = data.years[year()];
    control("year").setAttribute("aria-valuetext", data.years[year()]);
    control("city").value = chosen === null ? "" : String(chosen);
  }

  function legend() {
    const list = figure.querySelector(".key");
    list.replaceChildren();
    const { cuts, colors, legend: words } = layer();
    const missing = table()[year()].includes(null);
    for (const [name, color] of [...Object.entries(colors), ...(missing ? [["", gap]] : [])]) {
      const item = element("li", {}, list);
      const swatch = element("svg", { viewBox: "0 0 32 19", "aria-hidden": "true" }, item);
      element("rect", { width: 32, height: 19, fill: color }, swatch);
      element("span", {}, item, color === gap ? say("no data") : cuts === null ? words[name] : words[Number(name)]);
    }
  }

  function join() {
    links.replaceChildren();
    if (chosen === null) return;
    const near = neighbours().map(([place]) => place);
    for (const place of near) element("path", { class: "near", d: paths[place].getAttribute("d") }, links);
    element("path", { class: "chosen", d: paths[chosen].getAttribute("d") }, links);
    const [x, y] = data.places[chosen];
    for (const kind of ["halo", "link"]) {
      for (const place of near) {
        const [u, v] = data.places[place];
        element("line", { class: kind, x1: x, y1: y, x2: u, y2: v }, links);
      }
    }
    const plan = figure.querySelector(".plan");
    const size = Math.max(26, (11 * plan.viewBox.baseVal.width) / (plan.clientWidth || 600));
    const crowded = size > 34;
    for (const place of [...(crowded ? [] : near), chosen]) {
      const [u, v] = data.places[place];
      element("text", { x: u, y: v + size / 3, "font-size": size }, links, data.names[place]);
    }
  }

  function series() {
    const values = table().map((row) => row[chosen]);
    const label = say("{layer} of {city} by year", { layer: layer().title, city: data.names[chosen] });
    const plot = element("svg", { class: "series", viewBox: "0 0 320 120", role: "img", "aria-label": label }, city);
    const last = Math.max(1, data.years.length - 1);
    const across = (place) => 40 + (264 * place) / last;
    const numbers = values.filter((value) => typeof value === "number");
    const low = Math.min(...numbers), high = Math.max(...numbers);
    const up = (value) => 95 - (80 * (value - low)) / (high - low || 1);
    for (const when of Object.keys(layer().steps)) {
      const x = across(data.years.indexOf(Number(when)) - 0.5);
      element("line", { class: "step", x1: x, x2: x, y1: 8, y2: 100, stroke: "#d55e00", "stroke-dasharray": "6 3" }, plot);
    }
    element("line", { x1: across(year()), x2: across(year()), y1: 8, y2: 100, stroke: "#555", "stroke-dasharray": "3 3" }, plot);
    values.forEach((value, place) => {
      if (value === null) return;
      if (typeof value !== "number") {
        const attributes = { x: across(place) - 5, y: 40, width: 10, height: 30, fill: fill(value), stroke: "#6b6b6b" };
        element("rect", attributes, plot);
        return;
      }
      if (place > 0 && values[place - 1] !== null && !(data.years[place] in layer().steps)) {
        const from = { x1: across(place - 1), y1: up(values[place - 1]) };
        element("line", { ...from, x2: across(place), y2: up(value), stroke: "#0b4f8a", "stroke-width": 2 }, plot);
      }
      element("circle", { cx: across(place), cy: up(value), r: place === year() ? 4.5 : 2.5, fill: "#0b4f8a" }, plot);
    });
    for (const place of [0, last]) {
      element("text", { x: across(place), y: 115, "text-anchor": "middle" }, plot, data.years[Math.min(place, data.years.length - 1)]);
    }
    if (numbers.length) {
      for (const value of new Set([low, high])) element("text", { x: 0, y: up(value) + 4 }, plot, shown(value));
    }
  }

  function answer() {
    city.replaceChildren();
    if (chosen === null) {
      city.append(invitation);
      return;
    }
    element("h4", {}, city, data.names[chosen]);
    const value = table()[year()][chosen];
    const said = { layer: layer().title, year: data.years[year()], value: shown(value) };
    element("p", {}, city, say("{layer}, {year}: {value}", said));
    series();
    const steps = Object.entries(layer().steps).map(([when, note]) => say("{year}: {note}", { year: when, note }));
    const cut = say("Cut where the data break: {steps}.", { steps: steps.join(say("; ")) });
    if (steps.length) element("p", { class: "note" }, city, cut);
    if (!weights()) return;
    if (!neighbours().length) {
      const none = { weights: weights().title, year: data.years[year()] };
      element("p", {}, city, say("No neighbours by {weights} in {year}.", none));
      return;
    }
    const rows = element("table", {}, city);
    const head = element("tr", {}, element("thead", {}, rows));
    const near = say("Neighbours by {weights}", { weights: weights().title });
    for (const [word, kind] of [[near, ""], [say("minutes"), "num"], [say("value"), "num"]]) {
      element("th", { scope: "col", class: kind }, head, word);
    }
    const body = element("tbody", {}, rows);
    for (const [place, minutes] of neighbours()) {
      const row = element("tr", {}, body);
      element("th", { scope: "row" }, row, data.names[place]);
      element("td", { class: "num" }, row, minutes === null ? "–" : minutes);
      element("td", { class: "num" }, row, shown(table()[year()][place]));
    }
  }

  function show() {
    paint();
    legend();
    join();
    answer();
  }
  function choose(place) {
    chosen = place;
    show();
  }

  const AWAY = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  function step(event) {
    if (event.key === "Escape") return choose(null);
    const way = AWAY[event.key];
    if (!way) return undefined;
    event.preventDefault();
    if (chosen === null) return choose(0);
    const [x, y] = data.places[chosen];
    let best = null, least = Infinity;
    data.places.forEach(([u, v], place) => {
      const ahead = (u - x) * way[0] + (v - y) * way[1];
      const aside = Math.abs((u - x) * way[1]) + Math.abs((v - y) * way[0]);
      if (ahead > 0 && ahead >= aside && ahead + aside < least) [best, least] = [place, ahead + aside];
    });
    return best === null ? undefined : choose(best);
  }

  control("year").addEventListener("input", show);
  control("layer").addEventListener("change", show);
  control("weights").addEventListener("change", show);
  control("city").addEventListener("change", (event) => choose(event.target.value === "" ? null : Number(event.target.value)));
  paths.forEach((path, place) => path.addEventListener("click", () => choose(place === chosen ? null : place)));
  figure.querySelector(".plan").addEventListener("keydown", step);
  show();
}

function openTable(figure) {
  const body = figure.querySelector("tbody");
  const rows = [...body.rows];
  const heads = [...figure.querySelectorAll("thead th")];
  const controls = figure.querySelector(".controls");
  const found = controls.querySelector(".found");
  const text = (row, place) => row.cells[place].textContent.trim();
  heads.forEach((head, place) => {
    const wide = (word) => word.replace(/[\u2e80-\uffef]/g, "xx").length;
    if (rows.every((row) => wide(text(row, place)) <= LONG)) return;
    for (const row of rows) row.cells[place].classList.add("long");
  });
  const filters = JSON.parse(figure.dataset.filters).map((name) => {
    const place = heads.findIndex((head) => head.textContent === name);
    const label = element("label", {}, controls, `${name} `);
    const select = element("select", {}, label);
    element("option", { value: "" }, select, say("all ({rows})", { rows: rows.length }));
    const counts = new Map();
    for (const row of rows) counts.set(text(row, place), (counts.get(text(row, place)) || 0) + 1);
    for (const [word, count] of [...counts].sort()) element("option", { value: word }, select, say("{word} ({count})", { word, count }));
    return [place, select];
  });
  const label = element("label", {}, controls, say("Search "));
  const search = element("input", { type: "search" }, label);
  controls.append(found);

  function sift() {
    const words = search.value.trim().toLowerCase();
    let left = 0;
    for (const row of rows) {
      const fits = filters.every(([place, select]) => !select.value || text(row, place) === select.value);
      row.hidden = !(fits && row.textContent.toLowerCase().includes(words));
      left += row.hidden ? 0 : 1;
    }
    found.textContent = say("{left} of {rows} rows", { left, rows: rows.length });
  }

  function sort(place) {
    const rising = heads[place].getAttribute("aria-sort") !== "ascending";
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[place].setAttribute("aria-sort", rising ? "ascending" : "descending");
    const keyed = rows.map((row) => {
      const word = text(row, place);
      const plain = word.replace(/−/g, "-").replace(/[,%()*]/g, "");
      return [row, word, plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null];
    });
    keyed.sort(([, word, number], [, other, otherNumber]) => {
      if (number === null && otherNumber === null) return rising ? word.localeCompare(other) : other.localeCompare(word);
      if (number === null || otherNumber === null) return number === null ? 1 : -1;
      return rising ? number - otherNumber : otherNumber - number;
    });
    body.append(...keyed.map(([row]) => row));
  }

  heads.forEach((head, place) => {
    const button = element("button", { type: "button" }, head, head.textContent);
    head.firstChild.remove();
    button.addEventListener("click", () => sort(place));
  });
  for (const control of [search, ...filters.map(([, select]) => select)]) control.addEventListener("input", sift);
  sift();
}

document.querySelectorAll("[data-map]").forEach(openMap);
document.querySelectorAll("[data-filters]").forEach(openTable);
