"use strict";

// ---- The drawing --------------------------------------------------------------------
// `marks` holds what is on the canvas: strokes, each a list of points, after a test
// image if one was loaded. `earlier` and `later` hold the marks for undo and redo.

const canvas = find("#drawing");
const SIDE = canvas.width;
const pen = canvas.getContext("2d");
// The network's drawing: smaller, which is faster, and with strokes always as thick for
// their length as in most of MNIST's images, however small they were drawn.
const SMALL = 140; // pixels
const FILLED = 0.62; // the part of them that the strokes fill
const smallPen = Object.assign(document.createElement("canvas"), {
  width: SMALL,
  height: SMALL,
}).getContext("2d", { willReadFrequently: true });
let marks = [];
const earlier = [];
let later = [];
let pointer = null; // the finger, pen or mouse that is drawing
let unspoken = false; // a change of the drawing

function change(next) {
  earlier.push(marks);
  later = [];
  marks = next;
  update();
  unspoken = true;
}

// Take the marks back from one of the two lists, and keep those of now in the other.
function travel(from, to) {
  pointer = null;
  if (!from.length) return;
  to.push(marks);
  marks = from.pop();
  update();
  unspoken = true;
}

function undo() {
  travel(earlier, later);
}

function redo() {
  travel(later, earlier);
}

function clear() {
  pointer = null;
  if (marks.length) change([]);
}

// Put an image, {pixels, label}, on the canvas.
function load(image) {
  pointer = null;
  state.asked = null;
  change([image]);
  canvas.scrollIntoView({ block: "nearest" });
}

function point(event) {
  const box = canvas.getBoundingClientRect();
  const x = ((event.clientX - box.left) * SIDE) / box.width;
  const y = ((event.clientY - box.top) * SIDE) / box.height;
  const inside = (value) => Math.min(Math.max(value, 0), SIDE); // what is read is seen
  return [inside(x), inside(y)];
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || (pointer !== null && pointer !== event.pointerId)) return;
  pointer = event.pointerId;
  canvas.setPointerCapture(pointer);
  const [x, y] = point(event);
  change([
    ...marks,
    [
      [x, y],
      [x + 0.01, y],
    ],
  ]); // a click alone makes a dot
});
canvas.addEventListener("pointermove", (event) => {
  if (event.pointerId !== pointer) return;
  if (event.buttons === 0) {
    pointer = null; // its end came to nobody
    return;
  }
  const moves = event.getCoalescedEvents?.() ?? [];
  for (const move of moves.length ? moves : [event])
    marks[marks.length - 1].push(point(move));
  update();
});
for (const end of ["pointerup", "pointercancel"])
  canvas.addEventListener(end, (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    update();
  });

find("#undo").addEventListener("click", undo);
find("#redo").addEventListener("click", redo);
find("#clear").addEventListener("click", clear);
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.target.matches("select")) return; // a list has own keys
  const key = event.key.toLowerCase();
  const command = event.ctrlKey || event.metaKey;
  if (command && (key === "y" || (key === "z" && event.shiftKey))) redo();
  else if (command && key === "z") undo();
  else if (key === "escape" || key === "delete") clear();
  else return;
  event.preventDefault();
});

// Paint the marks, `scale` times as large and then moved; the pen stays as thick.
function paint(pen, scale, moveX, moveY, color = getComputedStyle(canvas).color) {
  const side = pen.canvas.width,
    size = SIDE / 28;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, side, side);
  pen.setTransform(scale, 0, 0, scale, moveX, moveY);
  pen.fillStyle = pen.strokeStyle = color;
  pen.lineWidth = side / 12 / scale;
  pen.lineCap = pen.lineJoin = "round";
  for (const mark of marks) {
    if (mark.pixels)
      mark.pixels.forEach((value, i) => {
        pen.globalAlpha = value / 255;
        pen.fillRect((i % 28) * size, Math.floor(i / 28) * size, size, size);
      });
    else {
      pen.globalAlpha = 1;
      pen.beginPath();
      for (const [x, y] of mark) pen.lineTo(x, y);
      pen.stroke();
    }
  }
}

// The network's input, an image or null, and why the drawing may not be a digit: a key
// of TEXTS, or null. A test image with nothing added is in MNIST's form already.
function input() {
  const [first, ...others] = marks;
  if (!first) return { image: null, doubt: null };
  if (first.pixels && !others.length) return { image: first.pixels, doubt: null };
  let extent = SIDE;
  if (first.pixels) paint(smallPen, SMALL / SIDE, 0, 0);
  else {
    let [left, top, right, bottom] = [SIDE, SIDE, 0, 0];
    for (const [x, y] of marks.flat()) {
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
    extent = Math.max(right - left, bottom - top);
    const scale = Math.min((FILLED * SMALL) / Math.max(extent, 1), 3);
    const moved = (low, high) => (SMALL - scale * (low + high)) / 2; // into the middle
    paint(smallPen, scale, moved(left, right), moved(top, bottom));
  }
  const { data } = smallPen.getImageData(0, 0, SMALL, SMALL);
  const ink = new Uint8Array(SMALL * SMALL); // opacity
  for (let i = 0; i < ink.length; i++) ink[i] = data[4 * i + 3];
  const image = prepare(ink, SMALL);
  let doubt = null;
  if (extent < SIDE / 20) doubt = "dot";
  else if (tallPieces(ink, SMALL) > 1 || stackedPieces(ink, SMALL) > 1) doubt = "many";
  else if (isWide(image)) doubt = "wide";
  return { image, doubt };
}
