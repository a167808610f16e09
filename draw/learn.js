"use strict";

// ---- Learning -----------------------------------------------------------------------
// As from_scratch/hello_numpy.py does it. The functions of this part, and those above
// that they use, are the source of a worker, which leaves the page free meanwhile.

// Biases 0, weights uniform within ±√(6 / (inputs + outputs)), as Keras starts them.
function randomNetwork(neurons) {
  const layer = (inputs, outputs) => {
    const limit = Math.sqrt(6 / (inputs + outputs));
    const weights = new Float32Array(inputs * outputs);
    return weights.map(() => limit * (2 * Math.random() - 1));
  };
  return {
    mean: 0,
    deviation: 255,
    W1: layer(784, neurons),
    b1: new Float32Array(neurons),
    W2: layer(neurons, 10),
    b2: new Float32Array(10),
  };
}

// The gradient of a batch's mean loss, -ln(probability of the label), with respect to
// each weight and bias; found from the output back to the input.
function gradients(batch, labels, network) {
  const { b1, W2, b2 } = network,
    size = batch.length;
  const hidden = []; // per image
  const d_h = new Float32Array(size * b1.length); // matrices, a row per image
  const d_z = new Float32Array(size * b2.length);
  batch.forEach((x, n) => {
    const { h, z } = forward(x, network);
    const error = softmax(z); // the gradient with respect to z: p - 1 for the label,
    error[labels[n]] -= 1; // and p for the other digits
    for (let k = 0; k < error.length; k++) error[k] /= size;
    d_z.set(error, n * error.length);
    hidden.push(h);
    for (let j = 0; j < h.length; j++) {
      if (h[j] === 0) continue; // the slope of relu is 0 here
      let sum = 0;
      for (let k = 0; k < error.length; k++) sum += error[k] * W2[j * error.length + k];
      d_h[n * h.length + j] = sum;
    }
  });
  const ones = new Float32Array(size).fill(1);
  const [d_b1, d_b2] = [new Float32Array(b1.length), new Float32Array(b2.length)];
  addRows(d_b1, ones, d_h);
  addRows(d_b2, ones, d_z);
  return {
    W1: transposedProduct(batch, d_h, b1.length),
    b1: d_b1,
    W2: transposedProduct(hidden, d_z, b2.length),
    b2: d_b2,
  };
}

// Xᵀ·M: in its row i the rows of M, each times value i of its image.
function transposedProduct(X, M, outputs) {
  const product = new Float32Array(X[0].length * outputs);
  for (let i = 0; i < X[0].length; i++) {
    const column = X.map((x) => x[i]);
    addRows(product.subarray(i * outputs, (i + 1) * outputs), column, M);
  }
  return product;
}

// One step of RMSprop, as Keras does it, which changes the network and the mean squares
// of its gradients.
function rmsprop(network, meanSquares, gradient, rate) {
  for (const name of ["W1", "b1", "W2", "b2"]) {
    const w = network[name],
      v = meanSquares[name],
      d = gradient[name];
    for (let i = 0; i < w.length; i++) {
      const mean = 0.9 * v[i] + 0.1 * d[i] * d[i];
      v[i] = mean;
      w[i] -= (rate * d[i]) / Math.sqrt(mean + 1e-7);
    }
  }
}

// How right and how wrong it reads images, and how many of its hidden neurons are above
// zero for none of them.
function measure(images, labels, network) {
  const fired = new Uint8Array(network.b1.length);
  const predictions = new Uint8Array(images.length);
  let right = 0;
  let loss = 0;
  images.forEach((x, n) => {
    const { h, z } = forward(x, network);
    for (let j = 0; j < h.length; j++) if (h[j] > 0) fired[j] = 1;
    const p = softmax(z);
    predictions[n] = p.indexOf(Math.max(...p));
    if (predictions[n] === labels[n]) right++;
    loss += lossOf(p[labels[n]]);
  });
  const count = images.length;
  const silent = fired.filter((value) => value === 0).length;
  return { accuracy: right / count, loss: loss / count, count, silent, predictions };
}

// The loss of one image, from the probability of its label.
function lossOf(p) {
  return -Math.log(Math.max(p, 1e-30)); // a float32 may be 0
}

// The image turned, slanted, stretched and moved a little, by chance, as far as in
// examples/less_overfitting.py. Each pixel gets the value from where it was, between four
// pixels.
function distorted(x) {
  const between = (low, high) => low + (high - low) * Math.random();
  const angle = (between(-12, 12) * Math.PI) / 180; // radians
  const slant = between(-0.2, 0.2); // columns per row
  const [stretchX, stretchY] = [between(0.85, 1.15), between(0.85, 1.15)];
  const [moveX, moveY] = [between(-1.5, 1.5), between(-1.5, 1.5)]; // pixels
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const result = new Float32Array(784);
  for (let row = 0; row < 28; row++)
    for (let column = 0; column < 28; column++) {
      const right = column - 13.5 - moveX,
        down = row - 13.5 - moveY; // of the middle
      const fromX = 13.5 + stretchX * (cos * right + sin * down) + slant * down;
      const fromY = 13.5 + stretchY * (cos * down - sin * right);
      const left = Math.floor(fromX),
        top = Math.floor(fromY);
      if (left < 0 || top < 0 || left > 26 || top > 26) continue;
      const partX = fromX - left,
        partY = fromY - top,
        i = 28 * top + left;
      result[28 * row + column] =
        (1 - partY) * ((1 - partX) * x[i] + partX * x[i + 1]) +
        partY * ((1 - partX) * x[i + 28] + partX * x[i + 29]);
    }
  return result;
}

function shuffle(list) {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * Math.random());
    [list[i], list[j]] = [list[j], list[i]];
  }
}

// Other digits in place of a part of the labels.
function withWrongLabels(labels, part) {
  return labels.map((label) =>
    Math.random() < part ? (label + 1 + Math.floor(9 * Math.random())) % 10 : label,
  );
}

// The worker. It is told what to do by messages: {data}, the images and labels; {start},
// to begin anew; {taught}, drawings to train on as well; {wanted}, whether and how to
// train; {step}, to make one step and explain it. It sends its network at most ten
// times a second; after an epoch also its accuracy and loss.
function learner() {
  let data; // {train, test, trainLabels, testLabels}
  let run; // the number of this beginning, which is sent back
  let network, meanSquares;
  let labels; // of the training images, right or wrong
  let taught = []; // drawings: [image, label]
  let order; // in which the training images are seen in this epoch
  let position, epoch, updates; // images seen in this epoch; epochs; steps in all
  let wanted = { training: false, rate: 0.001, batch: 128, distort: false };
  let busy = false; // whether `train` runs
  const pause = (time) => new Promise((done) => setTimeout(done, time)); // ms

  self.onmessage = ({ data: message }) => {
    if (message.data) prepareImages(message.data);
    if (message.start) start(message.start);
    if (message.taught) taught = message.taught;
    if (message.step) {
      wanted = message.step;
      tell({ step: explainedStep() });
    }
    if (message.wanted) {
      wanted = message.wanted;
      if (wanted.training && !busy) train();
    }
  };

  function prepareImages(images) {
    data = images;
    for (const list of [data.train, data.test])
      list.forEach((image, i) => {
        list[i] = scaled(image, { mean: 0, deviation: 255 });
      });
  }

  function start(settings) {
    run = settings.run;
    network = settings.network || randomNetwork(settings.neurons);
    network.activation = settings.activation;
    meanSquares = {};
    for (const name of ["W1", "b1", "W2", "b2"])
      meanSquares[name] = new Float32Array(network[name].length);
    labels = withWrongLabels(data.trainLabels, settings.wrong);
    order = Uint16Array.from({ length: settings.count }, (_, i) => i);
    position = epoch = updates = 0;
    tell();
  }

  async function train() {
    busy = true;
    let told = performance.now();
    while (wanted.training) {
      step();
      const waited = performance.now() - told;
      if (position > 0 && waited < 100) continue;
      tell();
      // An epoch takes a tenth of a second at least, so that one can watch; and without
      // a pause no message would come in.
      await pause(position > 0 ? 0 : Math.max(0, 100 - waited));
      told = performance.now();
    }
    busy = false;
  }

  function step() {
    const { images, right } = nextBatch();
    rmsprop(network, meanSquares, gradients(images, right, network), wanted.rate);
    updates++;
  }

  // Images and labels; distorted, and with drawings, as wanted. Also which images they
  // are, whether it is the rest of an epoch, and how many drawings are in it.
  function nextBatch() {
    if (position === 0) shuffle(order);
    const batch = [...order.slice(position, position + wanted.batch)];
    const rest = batch.length < Math.min(wanted.batch, order.length);
    position += batch.length;
    if (position >= order.length) {
      position = 0;
      epoch++;
    }
    const images = batch.map((i) =>
      wanted.distort ? distorted(data.train[i]) : data.train[i],
    );
    const right = batch.map((i) => labels[i]);
    // Of the drawings one for each 16 images: eight in a batch of 128.
    const drawings = taught.length ? Math.floor(batch.length / 16 + Math.random()) : 0;
    for (let i = 0; i < drawings; i++) {
      const [image, label] = taught[Math.floor(taught.length * Math.random())];
      images.push(distorted(image));
      right.push(label);
    }
    return { images, right, batch, rest, copies: drawings };
  }

  // One step, and what it did: to 16 images of the batch, to its mean loss, and to the
  // neuron whose weights it changed most.
  function explainedStep() {
    const at = epoch + position / order.length; // epochs before it
    const { images, right, batch, rest, copies } = nextBatch();
    const wrong = batch.map((i) => labels[i] !== data.trainLabels[i]);
    const { W1, b1 } = network;
    const before = W1.slice();
    const others = images.length - copies; // the drawings come last in the batch
    const yours = Math.min(copies, 2); // of them are shown
    const chosen = [...images.keys()].filter(
      (n) => n < 16 - yours || n >= images.length - yours,
    );
    const examples = chosen.map((n) => {
      const [pixels, label] = [images[n], right[n]];
      const p = softmax(forward(pixels, network).z)[label];
      return { pixels, label, wrong: wrong[n], yours: n >= others, p, loss: lossOf(p) };
    });
    const lossBefore = measure(images, right, network).loss;
    const gradient = gradients(images, right, network);
    rmsprop(network, meanSquares, gradient, wanted.rate);
    updates++;
    const moved = new Float64Array(b1.length); // per neuron
    W1.forEach((weight, i) => {
      moved[i % b1.length] += (weight - before[i]) ** 2;
    });
    const j = moved.indexOf(Math.max(...moved));
    const ofNeuron = (matrix) => matrix.filter((_, i) => i % b1.length === j);
    return {
      at,
      examples: examples.sort((a, b) => b.loss - a.loss),
      size: images.length,
      rest,
      copies,
      rate: wanted.rate,
      lossBefore,
      lossAfter: measure(images, right, network).loss,
      neuron: {
        before: ofNeuron(before),
        after: ofNeuron(W1),
        gradient: ofNeuron(gradient.W1),
        usual: ofNeuron(meanSquares.W1).map(Math.sqrt),
      },
    };
  }

  function tell(more = {}) {
    const message = { run, network, epoch, updates, position, count: order.length };
    if (position === 0) {
      const seen = Math.min(order.length, data.test.length); // as many of each
      const train = measure(data.train.slice(0, seen), labels, network);
      const test = measure(data.test, data.testLabels, network);
      message.predictions = test.predictions;
      message.train = { ...train, predictions: null }; // only figures are kept
      message.test = { ...test, predictions: null };
    }
    postMessage({ ...message, ...more });
  }
}
