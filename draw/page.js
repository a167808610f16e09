"use strict";

// ---- The model ----------------------------------------------------------------------
// W1 and b1 are the weights and biases of the hidden layer, W2 and b2 those of the
// output layer. Each number is stored in 16 bits, as a multiple of its array's `step`.

const MODEL = JSON.parse(find("#model").textContent);
const CLASSES = MODEL.classes; // 10 digits, or 2: zero and one
const [W1, b1, W2, b2] = MODEL.weights.map(({ step, multiples }) => {
  const numbers = Float32Array.from(new Int16Array(bytes(multiples).buffer));
  for (let i = 0; i < numbers.length; i++) numbers[i] *= step;
  return numbers;
});
const TRAINED = { mean: MODEL.mean, deviation: MODEL.deviation, W1, b1, W2, b2 };
let network = TRAINED; // the one that reads the drawing

function bytes(base64) {
  const letters = atob(base64), result = new Uint8Array(letters.length);
  for (let i = 0; i < result.length; i++) result[i] = letters.charCodeAt(i);
  return result;
}

// ---- The images in the page ---------------------------------------------------------
// Training images, then test images, each pixel in 16 grey levels, two in a byte,
// compressed. They are unpacked when they are first needed.

let unpacked = null; // a promise

function imagesOfPage() {
  unpacked ??= unpack();
  return unpacked;
}

async function unpack() {
  const packed = new Blob([bytes(MODEL.images)]);
  const stream = packed.stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const pairs = new Uint8Array(await new Response(stream).arrayBuffer());
  const pixels = new Uint8Array(2 * pairs.length);
  for (let i = 0; i < pairs.length; i++) {
    pixels[2 * i] = 17 * (pairs[i] >> 4);
    pixels[2 * i + 1] = 17 * (pairs[i] & 15);
  }
  const images = Array.from({ length: pixels.length / 784 }, (_, i) =>
    pixels.slice(784 * i, 784 * (i + 1)));
  const { trainLabels, testLabels } = MODEL, count = trainLabels.length;
  const [train, test] = [images.slice(0, count), images.slice(count)];
  return { train, test, trainLabels, testLabels };
}

find("#sample").addEventListener("click", async () => {
  const { test, testLabels } = await imagesOfPage();
  const i = Math.floor(test.length * Math.random());
  load({ pixels: test[i], label: testLabels[i] });
});

// ---- What is shown ------------------------------------------------------------------

const FOR = [86, 180, 233], AGAINST = [230, 110, 20]; // red, green, blue
const seen = find("#seen").getContext("2d");
const rows = CLASSES === 2 ? [0, 1] : [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const bars = rows.map((digit) => {
  const row = find("table").insertRow();
  const heading = document.createElement("th");
  heading.scope = "row";
  heading.textContent = digit;
  row.append(heading);
  row.insertCell().innerHTML = "<i><b></b></i>"; // the bar, on its track
  row.insertCell();
  return row;
});

function update() {
  if (!waiting) requestAnimationFrame(show);
  waiting = true;
}

function show() {
  waiting = false;
  paint(pen, 1, 0, 0);
  find("#hint").hidden = marks.length > 0;
  find("#undo").disabled = !earlier.length;
  find("#redo").disabled = !later.length;
  find("#clear").disabled = !marks.length;

  const { image, doubt } = input();
  const p = image ? probabilities(image, network) : null;
  const digit = image ? p.indexOf(Math.max(...p)) : "";
  bars.forEach((row, i) => {
    row.className = i === digit ? "best" : "";
    row.querySelector("b").style.width = `${image ? 100 * p[i] : 0}%`;
    row.cells[2].textContent = image ? percent(p[i]) : "";
  });
  let text = image ? say("probability", { p: percent(p[digit]) }) : say("empty");
  if (marks.length === 1 && marks[0].pixels)
    text += say("label", { label: marks[0].label });
  find("#prediction b").textContent = digit;
  find("#prediction span").textContent = text;
  find("#doubt").hidden = !doubt;
  find("#doubt").textContent = doubt ? say(doubt) : "";
  find("#reading").textContent =
    image ? say("reading", { digit, p: percent(p[digit]) }) : "";
  if (unspoken && pointer === null) { // and not at each step of a training
    const all = image ? `${digit}, ${text}` : text;
    find("#spoken").textContent = doubt ? `${all}. ${say(doubt)}` : all;
    unspoken = false;
  }

  const size = ["W1", "b1", "W2", "b2"].reduce((n, key) => n + network[key].length, 0);
  const reader = network === TRAINED ? "readerTrained"
    : points.at(-1)?.epoch ? "readerOwn" : "readerRandom";
  find("#reader").textContent = say(reader, { size: number(size) });
  find("#back").disabled = network === TRAINED;
  find("#mistakes").hidden = network !== TRAINED || !MODEL.mistakes;

  const counted = image && find("#overlay").checked
    ? contributions(image, digit, network) : null;
  colour(seen, image ?? new Uint8Array(784), counted);
  find("#legend").hidden = !counted;
  find("#legend").replaceChildren(swatch(FOR), say("legendFor", { digit }),
    swatch(AGAINST), say("legendAgainst", { digit }));
}

function percent(p) {
  const n = p >= 0.9995 ? "> 99.9" : p < 0.0005 ? "< 0.1" : (100 * p).toFixed(1);
  return say("percent", { n });
}

// Draw an image in grey, or in the colours of what its pixels contributed.
function colour(context, image, counted) {
  const picture = new ImageData(28, 28);
  const most = counted ? Math.max(...counted.map(Math.abs)) : 1;
  image.forEach((pixel, i) => {
    const weight = counted ? Math.sqrt(Math.abs(counted[i]) / most) : 0;
    const grey = counted ? pixel / 4 : pixel;
    const tint = counted?.[i] > 0 ? FOR : AGAINST;
    const mixed = tint.map((value) => weight * value + (1 - weight) * grey);
    picture.data.set([...mixed, 255], 4 * i);
  });
  context.putImageData(picture, 0, 0);
}

function swatch(rgb) {
  const box = document.createElement("i");
  box.style.background = `rgb(${rgb})`;
  return box;
}

// ---- Training in the page -----------------------------------------------------------

const COUNTS = [500, 1000, 2000, 4000], NEURONS = [16, 128, 512];
const RATES = [0.0001, 0.001, 0.01];
const MOST_EPOCHS = 100; // in one go
let worker = null; // a promise
let training = false;
let own = null, first = null; // the network in training, and how it started
let ownReads = false; // whether it reads the drawing, instead of the trained one
let points = []; // of the curves: {epoch, train, test, counts}
let chosen = []; // which neurons are drawn
let drawn = 0; // when they were, in milliseconds

function choices(id, values, value) {
  find(id).append(...values.map((v) =>
    new Option(id === "#count" ? number(v) : v, v, v === value, v === value)));
}

const source = (name) => find(`#${name}-script`).textContent.trim();

async function startWorker() {
  const data = await imagesOfPage();
  const text = `"use strict";\n${source("network")}\n${source("learn")}\nlearner();`;
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const started = new Worker(url);
  started.onmessage = ({ data: message }) => receive(message);
  started.onerror = (event) => cannotTrain(event.message || "worker");
  started.postMessage({ data });
  return started;
}

function cannotTrain(reason) {
  training = false;
  for (const id of ["#train", "#forget", "#back"]) find(id).disabled = true;
  find("#train").textContent = say("train");
  find("#state").textContent = say("cannot", { reason });
}

// Send the worker a message; it is started with the first one.
async function tell(message) {
  try {
    worker ??= startWorker();
    (await worker).postMessage(message);
  } catch (error) {
    cannotTrain(error.message);
  }
}

function receive(message) {
  const { network: sent, epoch, train } = message;
  own = sent;
  if (ownReads) network = own;
  if (train && epoch === 0) [first, points, chosen] = [own, [], []];
  if (train) points.push(message);
  if (training && train && epoch > 0 && epoch % MOST_EPOCHS === 0) setTraining(false);
  if (train) showTraining();
  if (epoch === 0 || performance.now() - drawn > 400) drawNeurons();
  update();
}

function setTraining(on) {
  training = on;
  find("#train").textContent = say(on ? "pause" : "train");
  tell({ training, rate: +find("#rate").value, distort: find("#distort").checked });
  if (!on && own) drawNeurons();
}

// Start anew, with random weights.
function forget() {
  own = null;
  tell({ neurons: +find("#width").value, count: +find("#count").value });
}

find("#train").addEventListener("click", () => {
  ownReads = true;
  if (!own) forget();
  else network = own;
  setTraining(!training);
  update();
});
find("#forget").addEventListener("click", () => {
  ownReads = true;
  forget();
});
find("#back").addEventListener("click", () => {
  ownReads = false;
  network = TRAINED;
  if (training) setTraining(false);
  update();
});
for (const id of ["#count", "#width"])
  find(id).addEventListener("change", () => own && forget());
for (const id of ["#rate", "#distort"])
  find(id).addEventListener("change", () => training && setTraining(true));

function showTraining() {
  const { epoch, train, test, counts } = points.at(-1);
  const [p, q] = [train.accuracy, test.accuracy], gap = p - q;
  // 1.96 standard errors of the difference of two proportions, as in hello_mnist.py
  const uncertainty =
    1.96 * Math.sqrt((p * (1 - p)) / counts[0] + (q * (1 - q)) / counts[1]);
  let text = say("random");
  if (epoch > 0) {
    const values = { train: percent(p), test: percent(q), gap: (100 * gap).toFixed(1) };
    text = say("epoch", { epoch, ...values });
    text += say(gap > uncertainty ? "overfits" : "fits");
    if (!training && epoch % MOST_EPOCHS === 0) text += say("done", { epoch });
  }
  find("#state").textContent = text;
  curves("accuracy", 0.5, 1, percent);
  curves("loss", 0, Math.min(Math.ceil(test.loss), 4), (loss) => loss.toFixed(2));
}

// Draw how `key` went from epoch to epoch, for values from `low` to `high`.
function curves(key, low, high, format) {
  const { epoch, train, test } = points.at(-1), last = Math.max(epoch, 10);
  const [left, right, top, bottom] = [52, 300, 12, 150];
  const x = (n) => left + ((right - left) * n) / last;
  const y = (value) =>
    bottom
    - ((bottom - top) * (Math.min(Math.max(value, low), high) - low)) / (high - low);
  const path = (name) =>
    "M" + points.map((each) => `${x(each.epoch)} ${y(each[name][key])}`).join("L");
  const levels = [0, 1, 2, 3, 4, 5].map((i) => low + ((high - low) * i) / 5);
  const grid = levels.map((level) =>
    `<path class="grid" d="M${left} ${y(level)}H${right}"/>
    <text x="${left - 6}" y="${y(level) + 4}" text-anchor="end">${
  key === "accuracy" ? say("percent", { n: Math.round(100 * level) }) : level.toFixed(2)
}</text>`);
  // The names stand at the ends of the curves, but not on each other.
  const [a, b] = [y(train[key]), y(test[key])];
  const apart = Math.max(0, 14 - Math.abs(a - b)) / 2, up = a <= b ? 1 : -1;
  const name = (text, kind, at) =>
    `<text class="${kind}" x="${x(epoch) + 6}" y="${at + 4}">${text}</text>`;
  find(`#${key}`).innerHTML = `${grid.join("")}
    <text x="${left}" y="172" text-anchor="middle">0</text>
    <text x="${right}" y="172" text-anchor="middle">${say("epochs", { n: last })}</text>
    <path class="train" d="${path("train")}"/><path class="test" d="${path("test")}"/>
    ${name(say("curveTrain"), "train", a - up * apart)}
    ${name(say("curveTest"), "test", b + up * apart)}`;
  const values = { epoch, train: format(train[key]), test: format(test[key]) };
  find(`#${key}`).setAttribute("aria-label",
    say("curve", { title: say(key), ...values }));
}

// Draw how much training has changed the first-layer weights of 16 neurons: of those
// that it has changed most. Each keeps its place as long as it is one of them.
function drawNeurons() {
  const neurons = own.b1.length, size = own.W1.length;
  const change = new Float32Array(size), total = new Float64Array(neurons);
  for (let i = 0; i < size; i++) {
    change[i] = own.W1[i] - first.W1[i];
    total[i % neurons] += change[i] ** 2;
  }
  const most = [...total.keys()].sort((a, b) => total[b] - total[a]).slice(0, 16);
  const others = most.filter((j) => !chosen.includes(j));
  chosen = most.map((_, place) =>
    most.includes(chosen[place]) ? chosen[place] : others.pop());
  const picture = new ImageData(8 * 29 - 1, 2 * 29 - 1); // a pixel between two neurons
  chosen.forEach((j, place) => {
    const [left, top] = [29 * (place % 8), 29 * Math.floor(place / 8)];
    let largest = 1e-9;
    for (let i = j; i < size; i += neurons)
      largest = Math.max(largest, Math.abs(change[i]));
    for (let i = 0; i < 784; i++) {
      const part = change[i * neurons + j] / largest;
      const tint = (part > 0 ? FOR : AGAINST).map((value) => value * Math.abs(part));
      const pixel = (top + Math.floor(i / 28)) * picture.width + left + (i % 28);
      picture.data.set([...tint, 255], 4 * pixel);
    }
  });
  find("#neurons").getContext("2d").putImageData(picture, 0, 0);
  drawn = performance.now();
}

// ---- The page itself ----------------------------------------------------------------

for (const { label, prediction, pixels } of MODEL.mistakes ?? []) {
  const image = { pixels: bytes(pixels), label };
  const button = document.createElement("button");
  const thumbnail = document.createElement("canvas");
  thumbnail.width = thumbnail.height = 28;
  colour(thumbnail.getContext("2d"), image.pixels, null);
  button.append(thumbnail, `${label} → ${prediction}`);
  button.setAttribute("aria-label", say("mistake", { label, prediction }));
  button.addEventListener("click", () => load(image));
  const item = document.createElement("li");
  item.append(button);
  find("#mistakes ul").append(item);
}

if (CLASSES === 2) {
  find("h1").textContent = say("titleTwo");
  find("#hint").textContent = say("hintTwo");
}
document.title = find("h1").textContent;

const { trainLabels, testLabels, tested, correct } = MODEL;
const available = COUNTS.filter((count) => count <= trainLabels.length);
choices("#count", available, 1000);
choices("#width", NEURONS, 128);
choices("#rate", RATES, 0.001);
find("#training").hidden = find("#learning").hidden = !available.length;
find("#lesson").textContent = say("lesson", { test: number(testLabels.length) });
for (const key of ["accuracy", "loss"])
  find(`#${key}`).setAttribute("aria-label", say("nothing", { title: say(key) }));
try {
  new DecompressionStream("deflate-raw");
} catch (error) { // a browser of before 2023
  cannotTrain(error.message);
  find("#sample").hidden = true;
}

find("#code-read").textContent = source("network");
find("#code-learn").textContent = source("learn");
const accuracy = correct / tested;
const standardError = Math.sqrt((accuracy * (1 - accuracy)) / tested);
const about = {
  model: `${MODEL.file}, SHA-256 ${MODEL.sha256}`,
  tested: say("testedText", {
    correct: number(correct), tested: number(tested),
    accuracy: say("percent", { n: (100 * accuracy).toFixed(2) }),
    u: (196 * standardError).toFixed(2),
  }),
  source: say("sourceText", {
    source: MODEL.source,
    train: number(trainLabels.length), test: number(testLabels.length),
  }),
};
for (const [key, text] of Object.entries(about)) {
  const name = document.createElement("dt"), value = document.createElement("dd");
  name.textContent = say(key);
  value.textContent = text;
  find("dl").append(name, value);
}
find("#overlay").addEventListener("change", update);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", update);
unspoken = false;
update();
