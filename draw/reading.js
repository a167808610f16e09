"use strict";

// ---- The trained network ------------------------------------------------------------
// W1 and b1 are the weights and biases of the hidden layer, W2 and b2 those of the
// output layer. Each number is stored in 16 bits, as a multiple of its array's `step`.

const MODEL = JSON.parse(find("#model").textContent);
const CLASSES = MODEL.classes; // 10 digits, or 2: zero and one
const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].slice(0, CLASSES);
const [W1, b1, W2, b2] = MODEL.weights.map(({ step, multiples }) => {
  const numbers = Float32Array.from(new Int16Array(bytes(multiples).buffer));
  for (let i = 0; i < numbers.length; i++) numbers[i] *= step;
  return numbers;
});
const TRAINED = { mean: MODEL.mean, deviation: MODEL.deviation, W1, b1, W2, b2 };

function bytes(base64) {
  const letters = atob(base64);
  const result = new Uint8Array(letters.length);
  for (let i = 0; i < result.length; i++) result[i] = letters.charCodeAt(i);
  return result;
}

// ---- The images in the page ---------------------------------------------------------
// Training images, then test images, each pixel in 16 grey levels, two in a byte,
// compressed. They are unpacked when they are first needed.

let unpacked = null; // a promise

function imagesOfPage() {
  unpacked = unpacked || unpack();
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
    pixels.slice(784 * i, 784 * (i + 1)),
  );
  const { trainLabels, testLabels } = MODEL;
  const train = images.slice(0, trainLabels.length);
  const test = images.slice(trainLabels.length);
  return { train, test, trainLabels, testLabels };
}

// ---- Who reads, and what --------------------------------------------------------------

const state = {
  own: null, // the network in training, as it came last
  first: null, // the same before its first step
  ownReads: false, // whether it reads the drawing, instead of the trained one
  loaded: false, // whether it came from a file
  updates: 0, // steps that it has made
  shown: null, // what `show` has shown: {image, p, digit, asked}
  asked: null, // the digit whose output is explained; null: the predicted one
};
const reader = () => (state.ownReads && state.own) || TRAINED;
const size = ({ W1, b1, W2, b2 }) => W1.length + b1.length + W2.length + b2.length;
const indexOfLargest = (values) => values.indexOf(Math.max(...values));

const SURE = 0.95; // as in examples/predict_image.py
// Width by height from which an unsure reading may be of two digits: so it is for 57 of
// 100 drawn pairs, and for 1.6 % of the test images.
const TWO = 0.9;
const seen = find("#seen").getContext("2d");
const small = find("#small").getContext("2d");
const bars = DIGITS.map((digit) => {
  const row = find("#bars").insertRow();
  const heading = document.createElement("th");
  heading.scope = "row";
  heading.textContent = digit;
  row.append(heading);
  const bar = row.insertCell();
  const track = document.createElement("i");
  track.append(document.createElement("b")); // the bar
  bar.append(track);
  bar.setAttribute("aria-hidden", "true");
  row.insertCell();
  return row;
});

let waiting = false; // for the next frame

function update() {
  if (!waiting) requestAnimationFrame(show);
  waiting = true;
}

function show() {
  waiting = false;
  showDrawing();
  const { image, doubt } = input();
  const network = reader();
  const p = image && probabilities(image, network);
  const digit = image ? indexOfLargest(p) : null;
  if (!image) state.asked = null;
  state.shown = { image, p, digit, asked: state.asked ?? digit };
  const unsure = image && p[digit] < SURE;
  const touching = unsure && !doubt && network === TRAINED && isWide(image, TWO);
  showPrediction([doubt, unsure && "unsure", touching && "touching"].filter(Boolean));
  showReader(network);
  showInput(network);
  showInside(network);
  showTaught();
}

function showDrawing() {
  paint(pen, 1, 0, 0);
  find("#hint").hidden = marks.length > 0;
  find("#undo").disabled = !earlier.length;
  find("#redo").disabled = !later.length;
  find("#clear").disabled = !marks.length;
}

// `doubts` are names of texts.
function showPrediction(doubts) {
  const { image, p, digit } = state.shown;
  bars.forEach((row, i) => {
    row.className = i === digit ? "best" : "";
    row.querySelector("b").style.width = `${image ? 100 * p[i] : 0}%`;
    row.cells[2].textContent = image ? percent(p[i]) : "";
  });
  let text = image ? say("probability", { p: percent(p[digit]) }) : say("empty");
  const [mark, ...others] = marks;
  if (mark?.pixels && !others.length) text += say("label", mark);
  find("#prediction b").textContent = image ? digit : "";
  find("#prediction span").textContent = text;
  const doubt = doubts.map((name) => say(name)).join(language.chinese ? "" : " ");
  find("#doubt").hidden = !doubt;
  find("#doubt").textContent = doubt;
  if (unspoken && pointer === null) {
    // and not at each step of a training
    const all = image ? `${digit}, ${text}` : text;
    find("#spoken").textContent = doubt ? `${all}. ${doubt}` : all;
    unspoken = false;
  }
}

function showReader(network) {
  const { image, p, digit } = state.shown;
  let text = "readerTrained";
  if (network !== TRAINED) {
    text = state.loaded ? "readerLoaded" : "readerRandom";
    if (state.updates > 0) text = panel.training ? "readerOwn" : "readerPaused";
  }
  find("#reader").textContent = say(text, { size: number(size(network)) });
  const reads = image && network !== TRAINED;
  find("#reading").hidden = !reads;
  if (!reads) return;
  const isDrawn = marks.length > 1 || !marks[0].pixels;
  const values = { digit, p: percent(p[digit]) };
  find("#reading p").textContent = say(isDrawn ? "reading" : "readingImage", values);
  colour(small, image);
}

function showInput(network) {
  const { image, asked } = state.shown;
  const counted =
    image && find("#overlay").checked ? contributions(image, asked, network) : null;
  colour(seen, image || new Uint8Array(784), counted);
  find("#legend").hidden = !counted;
  find("#legend").replaceChildren(
    swatch(MORE),
    say("legendFor", { digit: asked }),
    swatch(LESS),
    say("legendAgainst"),
  );
}

// A probability, which is never 0 or 1. (For a part that was counted, see `share`.)
function percent(p) {
  if (p >= 0.9995) return say("percent", { n: "> 99.9" });
  return p < 0.0005 ? say("percent", { n: "< 0.1" }) : share(p);
}

function share(part) {
  return say("percent", { n: (100 * part).toFixed(1) });
}

// ---- Colours --------------------------------------------------------------------------
// As in docs/pictures.py: blue is more than 0, orange is less, white is 0.

const MORE = [47, 147, 209];
const LESS = [230, 110, 20];

// A colour for a number from -1 to 1, and for grey below it, from 0 to 255.
function tint(part, below = 255) {
  const strength = Math.min(Math.abs(part), 1);
  return (part > 0 ? MORE : LESS).map(
    (value) => strength * value + (1 - strength) * below,
  );
}

// Draw an image: its ink white on black; or in the colours of what each pixel counts.
function colour(context, image, counted = null) {
  const picture = new ImageData(28, 28);
  const most = counted ? Math.max(...counted.map(Math.abs)) || 1 : 1;
  image.forEach((pixel, i) => {
    let rgb = [pixel, pixel, pixel];
    if (counted) {
      const part = Math.sign(counted[i]) * Math.sqrt(Math.abs(counted[i]) / most);
      rgb = tint(part, 255 - pixel / 4);
    }
    picture.data.set([...rgb, 255], 4 * i);
  });
  context.putImageData(picture, 0, 0);
}

function swatch(rgb) {
  const box = document.createElement("i");
  box.style.background = `rgb(${rgb})`;
  return box;
}

find("#sample").addEventListener("click", async () => {
  const { test, testLabels } = await imagesOfPage();
  const i = Math.floor(test.length * Math.random());
  load({ pixels: test[i], label: testLabels[i] });
});
find("#overlay").addEventListener("change", update);
// On paper the ink is dark, whatever the theme.
addEventListener("beforeprint", () => paint(pen, 1, 0, 0, "#1f2328"));
addEventListener("afterprint", update);
