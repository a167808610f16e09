"use strict";

// ---- The network --------------------------------------------------------------------
// An image is 784 pixels, row by row, from 0 (background) to 255 (ink).

function probabilities(image, network) {
  const { z } = forward(scaled(image, network), network);
  return z.length > 1 ? softmax(z) : [sigmoid(-z[0]), sigmoid(z[0])]; // of 0, of 1
}

function scaled(image, { mean, deviation }) {
  const x = new Float32Array(image.length);
  for (let i = 0; i < x.length; i++) x[i] = (image[i] - mean) / deviation;
  return x;
}

function forward(x, { W1, b1, W2, b2, activation }) {
  const sums = dense(x, W1, b1); // the hidden layer: relu(x·W1 + b1)
  const h = activation === "none" ? sums : relu(sums);
  return { h, z: dense(h, W2, b2) }; // the logits: h·W2 + b2
}

function dense(x, W, b) {
  const sums = b.slice();
  addRows(sums, x, W); // b + x·W
  return sums;
}

// sums += x·M, row i of the matrix M times x[i]. A row times 0 adds nothing, and most
// pixels are 0. The others go four at a time, which is faster.
function addRows(sums, x, M) {
  const width = sums.length,
    rows = [],
    factors = [];
  for (let i = 0; i < x.length; i++)
    if (x[i] !== 0) {
      rows.push(i * width); // where row i starts
      factors.push(x[i]);
    }
  while (rows.length % 4) {
    rows.push(0);
    factors.push(0);
  }
  for (let k = 0; k < rows.length; k += 4) {
    const a = rows[k],
      b = rows[k + 1],
      c = rows[k + 2],
      d = rows[k + 3];
    const p = factors[k],
      q = factors[k + 1],
      r = factors[k + 2],
      s = factors[k + 3];
    for (let j = 0; j < width; j++)
      sums[j] += p * M[a + j] + q * M[b + j] + r * M[c + j] + s * M[d + j];
  }
}

function relu(values) {
  return values.map((value) => Math.max(value, 0));
}

function softmax(z) {
  const largest = Math.max(...z); // subtracted so that exp cannot overflow
  const powers = z.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

function sigmoid(z) {
  return 1 / (1 + Math.exp(-z));
}

// What each pixel adds to the logit of digit k: the gradient of the logit times the
// pixel. The gradient runs back through the network, and only through hidden neurons
// that are above zero.
function contributions(image, k, network) {
  const { W1, W2, b2 } = network;
  const { h } = forward(scaled(image, network), network);
  const outputs = b2.length; // the single output is a 1's logit, and a 0's negative
  const d_h = h.map((value, j) => {
    if (value === 0) return 0;
    return outputs > 1 ? W2[j * outputs + k] : k === 1 ? W2[j] : -W2[j];
  });
  return Array.from(image, (pixel, i) => {
    if (pixel === 0) return 0;
    let d_x = 0;
    for (let j = 0; j < h.length; j++) d_x += W1[i * h.length + j] * d_h[j];
    return (d_x / network.deviation) * pixel;
  });
}
