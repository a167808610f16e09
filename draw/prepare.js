"use strict";

// ---- Into MNIST's form --------------------------------------------------------------
// As MNIST's images were made, and as examples/handwriting.py does it: the ink is
// scaled into 20×20, its proportions kept, and its centre of mass put in the middle of
// 28×28. Takes side×side values from 0 to 255; returns 784.

function prepare(ink, side) {
  let [left, top, right, bottom] = [side, side, 0, 0];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      if (ink[y * side + x] > 0) {
        [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
        [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
      }
  const scale = 20 / Math.max(right - left, bottom - top);
  const width = Math.max(1, Math.round((right - left) * scale));
  const height = Math.max(1, Math.round((bottom - top) * scale));
  const stepX = (right - left) / width,
    stepY = (bottom - top) / height;

  const small = []; // height×width
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const [x, y] = [left + column * stepX, top + row * stepY];
      small.push(average(ink, side, x, y, stepX, stepY));
    }

  const total = small.reduce((a, b) => a + b);
  const middle = (place) => small.reduce((sum, v, i) => sum + v * place(i), 0) / total;
  const corner = (centre, size) =>
    Math.min(Math.max(Math.round(14 - centre), 0), 28 - size);
  const x = corner(
    middle((i) => i % width),
    width,
  );
  const y = corner(
    middle((i) => Math.floor(i / width)),
    height,
  );
  const image = new Uint8Array(784);
  small.forEach((value, i) => {
    image[(y + Math.floor(i / width)) * 28 + x + (i % width)] = Math.round(value);
  });
  return image;
}

// The mean over a rectangle; pixels at its edge count by the part that lies inside.
function average(ink, side, left, top, width, height) {
  const [right, bottom] = [Math.min(left + width, side), Math.min(top + height, side)];
  let sum = 0;
  for (let y = Math.floor(top); y < bottom; y++) {
    const inY = Math.min(y + 1, bottom) - Math.max(y, top);
    for (let x = Math.floor(left); x < right; x++) {
      const inX = Math.min(x + 1, right) - Math.max(x, left);
      sum += inX * inY * ink[y * side + x];
    }
  }
  return sum / (width * height);
}

// How many pieces stand side by side, with a gap from top to bottom between them. Those
// of less than half the height of the highest do not count.
function tallPieces(ink, side) {
  const heights = [0];
  let [top, bottom] = [side, 0]; // of the piece that is being looked at
  for (let x = 0; x < side; x++) {
    let empty = true;
    for (let y = 0; y < side; y++)
      if (ink[y * side + x] > 0) {
        empty = false;
        [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
      }
    heights[heights.length - 1] = Math.max(bottom - top, 0);
    if (empty && bottom > 0) {
      heights.push(0);
      [top, bottom] = [side, 0];
    }
  }
  return countTall(heights);
}

// The same of pieces above each other, with a gap from side to side between them.
function stackedPieces(ink, side) {
  const heights = [0];
  for (let y = 0; y < side; y++) {
    const empty = ink.subarray(y * side, (y + 1) * side).every((value) => value === 0);
    if (empty) heights.push(0);
    else heights[heights.length - 1]++;
  }
  return countTall(heights);
}

function countTall(heights) {
  return heights.filter((height) => height > Math.max(...heights) / 2).length;
}

// As examples/handwriting.py, where the limit of width by height is 1.3; so it is for 2 %
// of MNIST's images.
function isWide(image, limit = 1.3) {
  const level = Math.max(...image) / 3;
  const [rows, columns] = [new Set(), new Set()];
  image.forEach((value, i) => {
    if (value > level) {
      rows.add(Math.floor(i / 28));
      columns.add(i % 28);
    }
  });
  const span = (places) => Math.max(...places) - Math.min(...places) + 1;
  return span(columns) > limit * span(rows);
}
