"use strict";
const $ = id => document.getElementById(id);
const node = (name, attributes, ...children) => {
	const svg = /^(svg|path|text)$/.test(name);
	const e = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
	e.append(...children);
	return e;
};
const whole = n => n.toLocaleString("en");
const short = x => x !== 0 && Math.abs(x) < 1e-4 ? x.toExponential(1).replace(".0e", "e") : String(+x.toPrecision(4));
const row = (cells, numeric) => node("tr", {}, ...cells.map((c, i) => node("td", i >= numeric ? {class: "number"} : {}, c)));

let about, state, heard = Date.now(), gone = false;

// ticks are round numbers from low to high, about as many as asked for: the step is the one of
// 1, 2, 5 and 10 times a power that is nearest by ratio.
function ticks(low, high, count) {
	const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
	const step = power * [1, 2, 5, 10].find((k, i, all) => i === 3 || raw / power < Math.sqrt(k * all[i + 1]));
	const all = [];
	for (let i = Math.ceil(low / step - 1e-6); i * step <= high + step * 1e-6; i++) all.push(+(i * step).toPrecision(12));
	return all;
}

// chart draws curves of points [x, y], or [x, low, high] for a band, by step.
function chart(id, title, curves) {
	curves = curves.filter(c => c.points.length);
	const figure = $(id), width = figure.clientWidth, height = 220;
	if (!curves.length || !width) return;
	const ys = curves.flatMap(c => c.points.flatMap(p => p.slice(1))).filter(isFinite);
	let low = Math.min(...ys), high = Math.max(...ys);
	if (low === high) { low -= Math.abs(low) / 2 || 1; high += Math.abs(high) / 2 || 1; }
	const left = 48, right = width - 12, top = 10, bottom = height - 24, last = Math.max(state.step, 2);
	const x = v => left + (right - left) * v / last, y = v => bottom - (bottom - top) * (v - low) / (high - low);
	const at = points => points.filter(p => isFinite(p[1])).map(p => x(p[0]).toFixed(1) + " " + y(p[1]).toFixed(1)).join("L");
	const svg = node("svg", {viewBox: `0 0 ${width} ${height}`, role: "img"});
	for (const v of ticks(low, high, 4)) svg.append(
		node("path", {class: "hair", d: `M${left} ${y(v)}H${right}`}),
		node("text", {x: left - 8, y: y(v) + 4, "text-anchor": "end"}, short(v)));
	for (const v of ticks(0, last, Math.floor(width / 90)).filter(Number.isInteger)) svg.append(
		node("text", {x: x(v), y: height - 6, "text-anchor": v > last * 0.97 ? "end" : "middle"}, whole(v)));
	const said = [];
	for (const c of curves) {
		const p = c.points, is = c.color + (c.band ? " band" : "");
		if (c.band) svg.append(node("path", {class: is, d: "M" + at(p) + "L" + at(p.map(q => [q[0], q[2]]).reverse()) + "Z"}));
		else svg.append(node("path", {class: is, d: "M" + at(p) + (p.length === 1 ? "h3" : "")}));
		if (!c.band) said.push(`${c.name} from ${short(p[0][1])} to ${short(p.at(-1)[1])}`);
	}
	svg.setAttribute("aria-label", `${title} by step: ${said.join(", ")}`);
	const keys = curves.filter(c => !c.band).map(c => node("span", {class: "key " + c.color}, c.name));
	figure.replaceChildren(node("figcaption", {}, node("b", {}, title), ...keys), svg);
}

function draw() {
	if (!state || !about) return;
	const by = (list, x, ...ys) => list.filter(p => p[ys[0]] !== null).map(p => [p[x], ...ys.map(y => p[y])]);
	const {points, epochs} = state;
	chart("loss", "Loss", [
		{name: "", color: "first", band: true, points: by(points, "x", "low", "high")},
		{name: "batches", color: "first", points: by(points, "x", "loss")},
		{name: "validation", color: "second", points: by(epochs, "step", "val_loss")}]);
	chart("accuracy", about.measure[0].toUpperCase() + about.measure.slice(1), [
		{name: "training", color: "first", points: epochs.length > 1 ? by(epochs, "step", "train_acc") : by(points, "x", "acc")},
		{name: "validation", color: "second", points: by(epochs, "step", "val_acc")}]);
	chart("rate", "Learning rate", [{name: "steps", color: "first", points: by(points, "x", "lr")}]);
}

function say(text) {
	if ($("status").textContent !== text) $("status").textContent = text;
}

// leave says that nothing more comes. What was drawn stays.
function leave() {
	if (gone) return;
	gone = true;
	source.close();
	document.body.classList.add("gone");
	$("file").disabled = $("again").disabled = true;
	for (const dt of document.querySelectorAll("#facts dt")) if (dt.textContent === "time left") dt.parentNode.remove();
	const when = new Date().toLocaleTimeString("en-GB");
	say(state?.ended ? `${state.ended} Since ${when} nothing serves this page.` : `The run is gone: at ${when} it ended without a word. What it told until then stays here.`);
}

const source = new EventSource("/events");
const on = (kind, use) => source.addEventListener(kind, e => { heard = Date.now(); use(JSON.parse(e.data)); });
source.onerror = leave;
on("alive", () => {});
on("about", told => {
	about = told;
	$("name").textContent = about.name;
	$("text").textContent = about.text;
	$("pictures").hidden = !about.pictures;
	$("layer").hidden = !about.weights;
	$("settings").replaceChildren(...about.settings.map(s => row(s, 9)));
	$("heads").replaceChildren(node("tr", {}, ...["epoch", "step", "training loss", "training " + about.measure, "validation loss", "validation " + about.measure, "learning rate"]
		.map(text => node("th", {scope: "col", class: "number"}, text))));
});
on("state", told => {
	state = told;
	const share = state.step / state.steps;
	document.title = `${state.ended ? "ended" : Math.floor(100 * share) + "%"} · ${about.name}`;
	say(state.ended || "The run trains.");
	$("progress").value = share;
	$("facts").replaceChildren(...state.facts.map(f => node("div", {}, node("dt", {}, f[0]), node("dd", {}, f[1]))));
	const figure = x => x === null ? "" : x.toFixed(4);
	$("epochs").replaceChildren(...state.latest.toReversed().map(e => row(
		[whole(e.epoch), whole(e.step), figure(e.train_loss), figure(e.train_acc), figure(e.val_loss), figure(e.val_acc), short(e.lr)], 0)));
	draw();
});
on("weights", told => {
	const what = told.shown < told.units ? `the first ${told.shown} of ${told.units} units` : `${told.units} units`;
	const image = $("weights");
	image.src = "data:image/png;base64," + told.png;
	image.width = told.width;
	image.height = told.height;
	image.alt = `The weights of ${what} as small pictures`;
	image.hidden = false;
	$("shown").textContent = `The weights of ${what} after step ${whole(told.step)}. Grey is 0; each tile has its own scale.`;
});
setInterval(() => {
	const quiet = Math.round((Date.now() - heard) / 1000);
	if (!gone && about && quiet > 5) say(`The run has said nothing for ${quiet} s.`);
}, 1000);
new ResizeObserver(draw).observe($("loss"));

let asked, shown;

// ask shows what the network says of a picture.
async function ask(file) {
	if (!file || gone) return;
	asked = file;
	if (shown) URL.revokeObjectURL(shown);
	shown = URL.createObjectURL(file);
	const image = node("img", {src: shown, alt: file.name});
	image.onerror = () => image.remove();
	let said;
	try {
		said = await (await fetch("/predict", {method: "POST", body: file})).json();
	} catch {
		said = {error: "the run did not answer"};
	}
	$("again").disabled = gone;
	if (said.error) {
		$("answer").replaceChildren(node("p", {}, `${file.name}: ${said.error}.`));
		return;
	}
	const bar = share => {
		const i = node("i", {});
		i.style.width = 100 * share + "%";
		return i;
	};
	const list = said.top
		? said.top.map(c => node("li", {}, node("span", {}, c.class), bar(c.probability), c.probability.toFixed(3)))
		: [node("li", {}, short(said.number))];
	$("answer").replaceChildren(image, node("ol", {}, ...list), node("p", {}, `${file.name}, by the network as it was after step ${whole(said.step)}.`));
}

$("file").onchange = () => ask($("file").files[0]);
$("again").onclick = () => ask(asked);
addEventListener("dragover", e => { e.preventDefault(); document.body.classList.add("over"); });
addEventListener("dragleave", e => { if (!e.relatedTarget) document.body.classList.remove("over"); });
addEventListener("drop", e => {
	e.preventDefault();
	document.body.classList.remove("over");
	if (about?.pictures) ask(e.dataTransfer.files[0]);
});
