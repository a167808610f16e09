"use strict";

// ---- A network of one's own, trained in a worker ----------------------------------------

const COUNTS = [500, 1000, 2000, 4000].filter((n) => n <= MODEL.trainLabels.length);
const NEURONS = [16, 128, 512];
const RATES = [0.0001, 0.001, 0.01];
const BATCHES = [1, 8, 128, Infinity];
const WRONG = [0, 0.2, 0.5]; // parts of the labels
const ACTIVATIONS = ["relu", "none"];
const MOST_EPOCHS = 100; // in one go
const FEW = 5; // epochs after the best one that do not count yet
const NARROW = matchMedia("(max-width: 399px)");
NARROW.addEventListener("change", () => state.own && drawNeurons());
const panel = {
  worker: null, // a promise of it
  run: 0, // how often a network was started
  training: false,
  wrong: 0, // the part of its labels that are wrong
  taught: [], // drawings that it is trained on, too: [image, digit]
  step: null, // what the last step did, where it was a single one
  failed: null, // why there is no training here
  last: null, // the worker's last message, without the network
  points: [], // the curves: its messages after each epoch
  dots: [], // single steps since the last training: {at, loss}
  chosen: [], // which neurons are drawn
  drawnAt: 0, // when they were, in milliseconds
};
const source = (name) => find(`#${name}-script`).textContent.trim();

async function startWorker() {
  const data = await imagesOfPage();
  const text = `${source("network")}\n${source("learn")}\nlearner();`;
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.onmessage = (event) => receive(event.data);
  worker.onerror = (event) => cannotTrain(event.message || "worker");
  worker.postMessage({ data });
  return worker;
}

function cannotTrain(reason) {
  panel.training = false;
  panel.failed = reason;
  showTraining();
}

// Send the worker a message; it is started with the first one.
async function tell(message) {
  try {
    panel.worker = panel.worker || startWorker();
    (await panel.worker).postMessage(message);
  } catch (error) {
    cannotTrain(error.message);
  }
}

// Start anew, with random weights or with a network from a file.
function begin(network = null) {
  find("#not-loaded").hidden = true;
  panel.run++;
  state.loaded = network !== null;
  panel.wrong = Number(find("#wrong").value);
  tell({
    start: {
      run: panel.run,
      neurons: Number(find("#width").value),
      count: Number(find("#count").value),
      wrong: panel.wrong,
      activation: network ? network.activation : find("#activation").value,
      network,
    },
  });
}

// How to train, as chosen.
function wanted() {
  return {
    training: panel.training,
    rate: Number(find("#rate").value),
    batch: Number(find("#batch").value),
    distort: find("#distort").checked,
  };
}

function setTraining(on) {
  find("#not-loaded").hidden = true;
  panel.training = on;
  if (on) panel.dots = [];
  tell({ wanted: wanted() });
  showTraining();
}

function receive({ network, step, predictions, ...message }) {
  if (message.run !== panel.run) return; // of a network that is forgotten
  state.own = network;
  state.updates = message.updates;
  panel.last = message;
  panel.step = step || null;
  showStep();
  if (step) {
    panel.dots.push({ at: step.at, loss: step.lossBefore });
    find("#spoken").textContent = find("#batch-loss").textContent;
  }
  if (message.updates === 0) {
    state.first = network;
    panel.points = [];
    panel.dots = [];
    panel.chosen = [];
  }
  if (predictions) {
    state.predictions = predictions;
    showConfusion();
  }
  if (message.train) receiveEpoch(message);
  showTraining();
  const now = performance.now();
  if (!panel.training || message.updates === 0 || now - panel.drawnAt > 400)
    drawNeurons();
  update();
}

function receiveEpoch(message) {
  panel.points.push(message);
  const { epoch } = message;
  if (panel.training && epoch > 0 && epoch % MOST_EPOCHS === 0) setTraining(false);
  if ([1, 10].includes(epoch)) speakTraining();
}

find("#train").addEventListener("click", () => {
  if (!panel.worker) begin();
  state.ownReads = true;
  setTraining(!panel.training);
  if (!panel.training) speakTraining();
  update();
});
find("#step").addEventListener("click", () => {
  if (!panel.worker) begin();
  state.ownReads = true;
  panel.training = false;
  tell({ step: wanted() });
  update();
});
find("#forget").addEventListener("click", () => {
  state.ownReads = true;
  if (panel.training) setTraining(false);
  begin();
});
find("#back").addEventListener("click", () => {
  state.ownReads = !state.ownReads;
  if (panel.training) setTraining(false);
  showTraining();
  showConfusion();
  update();
});
for (const id of ["#count", "#width", "#wrong", "#activation"])
  find(id).addEventListener("change", () => panel.worker && begin());
for (const id of ["#rate", "#batch", "#distort"])
  find(id).addEventListener("change", () => panel.training && setTraining(true));

for (const digit of DIGITS) {
  const button = document.createElement("button");
  button.textContent = digit;
  button.addEventListener("click", () => teach(digit));
  find("#teach .digits").append(button);
}
find("#unteach").addEventListener("click", () => {
  panel.taught = [];
  tell({ taught: [] });
  showTaught();
  find("#teach button").focus();
});

// Train on the drawing as well, as a `digit`.
function teach(digit) {
  const { image } = input();
  if (!image) return;
  panel.taught.push([scaled(image, { mean: 0, deviation: 255 }), digit]);
  tell({ taught: panel.taught });
  if (!state.own) begin();
  state.ownReads = true;
  showTaught();
  find("#spoken").textContent = find("#taught").textContent;
}

function showTaught() {
  for (const button of document.querySelectorAll("#teach .digits button"))
    button.disabled = panel.failed !== null || !marks.length;
  const counts = DIGITS.map(
    (digit) => panel.taught.filter(([, label]) => label === digit).length,
  );
  const list = DIGITS.filter((digit) => counts[digit])
    .map((digit) => say("taughtDigit", { n: counts[digit], digit }))
    .join(language.chinese ? "、" : ", ");
  const random = state.updates === 0 && state.ownReads && !state.loaded;
  const texts = [
    say(panel.training ? "taught" : "taughtReady", { list }),
    random ? say("taughtRandom") : "",
    say("taughtKept"),
  ];
  find("#taught").textContent = list ? texts.join("") : "";
  find("#unteach").hidden = !list;
}

// ---- As a file --------------------------------------------------------------------------
// Each array's float32 numbers in base64.

const ARRAYS = ["W1", "b1", "W2", "b2"];

find("#save").addEventListener("click", () => {
  const saved = { kind: "network of draw.html", activation: state.own.activation };
  for (const name of ARRAYS) saved[name] = base64(state.own[name]);
  const blob = new Blob([JSON.stringify(saved)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = "network.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});

function base64(numbers) {
  let letters = "";
  for (const byte of new Uint8Array(numbers.buffer))
    letters += String.fromCharCode(byte);
  return btoa(letters);
}

find("#load").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  let network;
  try {
    network = networkOf(JSON.parse(await file.text()));
  } catch {
    find("#not-loaded").hidden = false;
    find("#spoken").textContent = find("#not-loaded").textContent;
    return;
  }
  if (panel.training) setTraining(false);
  state.ownReads = true;
  begin(network);
});

// The network in a file, or an error.
function networkOf(saved) {
  const network = { mean: 0, deviation: 255, activation: saved.activation };
  for (const name of ARRAYS)
    network[name] = new Float32Array(bytes(saved[name]).buffer);
  const neurons = network.b1.length;
  const sizes = [784 * neurons, neurons, 10 * neurons, 10];
  const fits = ARRAYS.every(
    (name, i) =>
      network[name].length === sizes[i] && network[name].every(Number.isFinite),
  );
  if (!fits || neurons < 1 || !ACTIVATIONS.includes(network.activation)) throw Error();
  return network;
}

// ---- What is shown of it ------------------------------------------------------------

function showTraining() {
  find("#train").textContent = say(panel.training ? "pause" : "train");
  find("#back").textContent = say(state.own && !state.ownReads ? "mine" : "back");
  for (const id of ["#train", "#step", "#forget"])
    find(id).disabled = panel.failed !== null;
  find("#save").disabled = !state.own;
  find("#load").disabled = panel.failed !== null;
  find("#back").disabled = panel.failed !== null || !state.own;
  find("#state").textContent = stateText();
  find("#progress").hidden = !panel.points.length;
  if (!panel.points.length) return;
  const { points } = panel;
  const { silent } = points[points.length - 1].test;
  const silentText = say("silent", { n: silent, all: state.own.b1.length });
  find("#silent").textContent = state.own.activation === "none" ? "" : silentText;
  for (const id of ["#neurons", "#neurons-text"]) find(id).hidden = state.updates === 0;
  find("#no-neurons").hidden = state.updates > 0;
  find("#sixteen").hidden = state.updates === 0 || state.own.b1.length <= 16;
  find("#curves-note").textContent = [
    points.length === 1 ? say("noCurves") : "",
    panel.dots.length ? say("dots") : "",
  ].join("");
  const losses = points.flatMap(({ train, test }) => [train.loss, test.loss]);
  losses.push(...panel.dots.map(({ loss }) => loss));
  const highest = Math.ceil(2 * Math.max(...losses)) / 2;
  curves("accuracy", 1, share, (part) => say("percent", { n: Math.round(100 * part) }));
  const decimals = (loss) => loss.toFixed(2);
  curves("loss", highest, decimals, decimals, bestEpoch(), panel.dots);
}

// Of the lowest test loss.
function bestEpoch() {
  return panel.points.reduce((a, b) => (b.test.loss < a.test.loss ? b : a)).epoch;
}

function stateText() {
  if (panel.failed !== null) return say("cannot", { reason: panel.failed });
  if (!panel.last) return say("ready");
  return (state.ownReads ? "" : say("yourNetwork")) + stateOfOwn();
}

function stateOfOwn() {
  const { updates, epoch, position, count } = panel.last;
  if (updates === 0 && state.loaded) return say("loaded", { n: state.own.b1.length });
  if (updates === 0) return say("random");
  if (epoch === 0)
    return say("firstEpoch", { seen: number(position), count: number(count) });
  const { train, test } = panel.points[panel.points.length - 1];
  return [
    say(panel.wrong ? "epochWrong" : "epoch", {
      epoch,
      train: share(train.accuracy),
      test: share(test.accuracy),
      seen: say(train.count === count ? "allOf" : "firstOf", {
        n: number(train.count),
      }),
      tested: number(test.count),
    }),
    panel.wrong ? learntByHeart(epoch, train, test) : gapText(epoch, train, test),
    !panel.training && epoch % MOST_EPOCHS === 0 ? say("done", { epoch }) : "",
  ].join("");
}

function gapText(epoch, train, test) {
  const gap = decimal(100 * (train.accuracy - test.accuracy), 1);
  const best = bestEpoch();
  const harm = epoch - best < FEW ? say("noHarm") : say("risen", { best });
  return say("gap", { gap }) + harm;
}

// With wrong labels a gap says little; but the test accuracy rises, and falls again.
function learntByHeart(epoch, train, test) {
  const right = 1 - panel.wrong;
  const most = panel.points.reduce((a, b) =>
    b.test.accuracy >= a.test.accuracy ? b : a,
  );
  const values = {
    most: share(most.test.accuracy),
    best: most.epoch,
    test: share(test.accuracy),
  };
  return [
    train.accuracy > right + 0.02 ? say("byHeart", { right: share(right) }) : "",
    epoch - most.epoch >= FEW ? say("fallen", values) : "",
  ].join("");
}

function showStep() {
  find("#one-step").hidden = !panel.step;
  if (!panel.step) return;
  const { size, rest, copies, rate, lossBefore, lossAfter, examples, neuron } =
    panel.step;
  const values = { size, before: lossBefore.toFixed(3), after: lossAfter.toFixed(3) };
  find("#batch-loss").textContent = [
    say(size > 1 ? "batchLoss" : "batchLossOne", values),
    rest ? say("batchRest") : "",
    copies ? say("batchCopies", { copies }) : "",
    size - copies < panel.last.count ? say("batchNext") : "",
  ].join("");
  const shown = examples.length;
  find("#examples-of").textContent =
    size > shown ? say("examplesOf", { size, shown }) : "";
  find("#examples").replaceChildren(...examples.map(exampleItem));

  const { before, after, gradient, usual } = neuron;
  const moves = after.map((weight, i) => weight - before[i]);
  const largest = (numbers) => Math.max(...numbers.map(Math.abs), 1e-30);
  const common = Math.max(largest(before), largest(after));
  const [first, second, third] = document.querySelectorAll("#moves canvas");
  paintWeights(first, before, common);
  paintWeights(second, moves, largest(moves));
  paintWeights(third, after, common);
  const i = gradient.map(Math.abs).indexOf(largest(gradient));
  const [row, column] = [Math.floor(i / 28), i % 28];
  for (const frame of document.querySelectorAll("#moves i"))
    frame.style.margin = `${(100 * row) / 28}% 0 0 ${(100 * column) / 28}%`;
  const text = say("oneWeight", {
    row: row + 1,
    column: column + 1,
    rate,
    gradient: decimal(gradient[i], 5),
    usual: decimal(Math.sqrt(usual[i] ** 2 + 1e-7), 5), // as in `rmsprop`
    move: decimal(moves[i], 5),
    before: decimal(before[i], 5),
    after: decimal(after[i], 5),
  });
  find("#one-weight").textContent =
    panel.last.updates <= 10 ? text + say("firstSteps") : text;
}

function exampleItem({ pixels, label, wrong, yours, p, loss }) {
  const item = document.createElement("li");
  const picture = document.createElement("canvas");
  picture.width = picture.height = 28;
  picture.className = p < 0.5 ? "wrong" : "";
  picture.setAttribute("role", "img");
  const values = { label, p: percent(p), loss: loss.toFixed(2) };
  const name = say("example", values);
  const notes = [wrong && say("wrongLabel"), yours && say("yours")].filter(Boolean);
  picture.setAttribute("aria-label", [name, ...notes].join("; "));
  colour(
    picture.getContext("2d"),
    pixels.map((value) => 255 * value),
  );
  const lines = [`${label}: ${values.p}`, `−ln p = ${values.loss}`, ...notes];
  item.append(
    picture,
    ...lines.map((line) => {
      const span = document.createElement("span");
      span.setAttribute("aria-hidden", "true");
      span.textContent = line;
      return span;
    }),
  );
  return item;
}

// Draw 784 numbers, white for 0, blue for `most` and orange for -`most`.
function paintWeights(picture, numbers, most) {
  const pixels = new ImageData(28, 28);
  numbers.forEach((value, i) => {
    pixels.data.set([...tint(value / most), 255], 4 * i);
  });
  picture.getContext("2d").putImageData(pixels, 0, 0);
}

function speakTraining() {
  find("#spoken").textContent = stateText();
}

// Draw how `key` went from epoch to epoch, on an axis from 0 to `highest`; the epoch
// `marked`, and single steps as dots.
function curves(key, highest, format, formatLevel, marked = null, dots = []) {
  const { points } = panel;
  const { epoch, train, test } = points[points.length - 1];
  const end = Math.max(epoch, ...panel.dots.map(({ at }) => at)); // of what is drawn
  const last = Math.max(10, Math.ceil(end));
  const [left, right, top, bottom] = [52, 300, 12, 150]; // in the viewBox
  const x = (n) => left + ((right - left) * n) / last;
  const y = (value) => bottom - ((bottom - top) * value) / highest;
  const path = (kind) =>
    `M${points.map((point) => `${x(point.epoch)} ${y(point[kind][key])}`).join("L")}`;
  const grid = [0, 1, 2, 3, 4, 5].map((i) => {
    const level = (highest * i) / 5;
    return `<path class="grid" d="M${left} ${y(level)}H${right}"/>
      <text x="${left - 6}" y="${y(level) + 4}" text-anchor="end">${formatLevel(level)}</text>`;
  });
  // The names stand at the ends of the curves, but not on each other.
  const [a, b] = [y(train[key]), y(test[key])];
  const apart = Math.max(0, 14 - Math.abs(a - b)) / 2;
  const up = a <= b ? 1 : -1;
  const name = (text, kind, at) =>
    points.length > 1
      ? `<text class="${kind}" x="${x(end) + 6}" y="${at + 4}">${text}</text>`
      : "";
  let dot = dots
    .map(
      ({ at, loss }) => `<circle class="train" cx="${x(at)}" cy="${y(loss)}" r="2.5"/>`,
    )
    .join("");
  if (marked !== null && epoch - marked >= FEW) {
    const value = points.find((point) => point.epoch === marked).test[key];
    dot += `<circle class="test" cx="${x(marked)}" cy="${y(value)}" r="4"/>
      <path class="mark" d="M${x(marked)} ${y(value)}V${top}"/>
      <text class="test" x="${x(marked) + 5}" y="${top + 14}">${say("lowest")}</text>`;
  }
  find(`#${key}`).innerHTML = `${grid.join("")}
    <text x="${left}" y="172" text-anchor="middle">0</text>
    <text x="${right}" y="172" text-anchor="middle">${say("epochs", { n: last })}</text>
    <path class="train" d="${path("train")}"/><path class="test" d="${path("test")}"/>
    ${dot}
    ${name(say("curveTrain"), "train", a - up * apart)}
    ${name(say("curveTest"), "test", b + up * apart)}`;
  const values = { epoch, train: format(train[key]), test: format(test[key]) };
  find(`#${key}`).setAttribute(
    "aria-label",
    say("curve", { title: say(key), ...values }),
  );
}

// Draw how much training has changed the first-layer weights of 16 neurons: of those
// that it has changed most. Each keeps its place as long as it is one of them.
function drawNeurons() {
  const { own, first } = state;
  const neurons = own.b1.length;
  const change = own.W1.map((weight, i) => weight - first.W1[i]);
  const total = new Float64Array(neurons);
  for (let i = 0; i < change.length; i++) total[i % neurons] += change[i] ** 2;
  const most = [...total.keys()].sort((a, b) => total[b] - total[a]).slice(0, 16);
  const others = most.filter((j) => !panel.chosen.includes(j));
  panel.chosen = most.map((_, place) =>
    most.includes(panel.chosen[place]) ? panel.chosen[place] : others.pop(),
  );
  const columns = NARROW.matches ? 4 : 8;
  const [width, height] = [29 * columns - 1, (29 * 16) / columns - 1]; // a pixel between
  Object.assign(find("#neurons"), { width, height });
  const picture = new ImageData(width, height);
  panel.chosen.forEach((j, place) => {
    const [left, top] = [29 * (place % columns), 29 * Math.floor(place / columns)];
    let largest = 1e-9;
    for (let i = j; i < change.length; i += neurons)
      largest = Math.max(largest, Math.abs(change[i]));
    for (let i = 0; i < 784; i++) {
      const pixel = (top + Math.floor(i / 28)) * width + left + (i % 28);
      picture.data.set([...tint(change[i * neurons + j] / largest), 255], 4 * pixel);
    }
  });
  find("#neurons").getContext("2d").putImageData(picture, 0, 0);
  panel.drawnAt = performance.now();
}
