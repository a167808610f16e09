// What the page's guide says of 16 neurons, of other learning rates, of no activation and
// of wrong labels, from the page's own functions and images, five runs each:
//
//     node draw/measure.js docs/draw.html
//
// It prints means ± standard deviations: the accuracy on the training images (with the
// labels they were given), accuracy and loss on the test images; and for each run the
// number of neurons that are 0 for every test image. And for two learning rates, the mean
// of 100 runs: the loss of each batch of the first epoch, before its step, and how far the
// step moved the hidden layer's weights: the root mean square, in learning rates, of those
// whose gradient is not 0.

const fs = require("node:fs");
const vm = require("node:vm");
const zlib = require("node:zlib");

const page = fs.readFileSync(process.argv[2], "utf8");
const content = JSON.parse(page.match(/id="model">(.*?)<\/script>/s)[1]);
for (const name of ["network", "learn"]) {
  const source = fs.readFileSync(`${__dirname}/${name}.js`, "utf8");
  vm.runInThisContext(source);
}

const pairs = zlib.inflateRawSync(Buffer.from(content.images, "base64"));
const images = [];
for (let n = 0; n < pairs.length / 392; n++) {
  const pixels = [...pairs.subarray(392 * n, 392 * (n + 1))].flatMap((pair) => [
    17 * (pair >> 4),
    17 * (pair & 15),
  ]);
  images.push(scaled(pixels, { mean: 0, deviation: 255 }));
}
const train = images.slice(0, 1000);
const test = images.slice(content.trainLabels.length);

// One training on 1,000 images; what is measured after each of the epochs in `at`, and
// for each step of the first epoch the batch's loss before it, and the length of the moves.
function run({ neurons = 128, rate = 0.001, wrong = 0, activation = "relu" }, at) {
  const network = { ...randomNetwork(neurons), activation };
  const meanSquares = {};
  for (const name of ["W1", "b1", "W2", "b2"])
    meanSquares[name] = new Float32Array(network[name].length);
  const labels = withWrongLabels(content.trainLabels, wrong);
  const order = train.map((_, i) => i);
  const [measured, losses, moves] = [[], [], []];
  for (let epoch = 1; epoch <= at[at.length - 1]; epoch++) {
    shuffle(order);
    for (let position = 0; position < order.length; position += 128) {
      const batch = order.slice(position, position + 128);
      const [shown, right] = [batch.map((i) => train[i]), batch.map((i) => labels[i])];
      if (epoch === 1) losses.push(measure(shown, right, network).loss);
      const before = network.W1.slice();
      const gradient = gradients(shown, right, network);
      rmsprop(network, meanSquares, gradient, rate);
      if (epoch > 1) continue;
      const squares = before
        .map((weight, i) => ((network.W1[i] - weight) / rate) ** 2)
        .filter((_, i) => gradient.W1[i] !== 0);
      moves.push(Math.sqrt(squares.reduce((a, b) => a + b) / squares.length));
    }
    if (at.includes(epoch))
      measured.push([
        measure(train, labels, network),
        measure(test, content.testLabels, network),
      ]);
  }
  return { measured, losses, moves };
}

function spread(values) {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return `${mean.toFixed(3)} ± ${Math.sqrt(squares / (values.length - 1)).toFixed(3)}`;
}

const at = [1, 5, 10, 20, 50, 100]; // epochs
for (const settings of [
  {},
  { neurons: 16 },
  { rate: 0.01 },
  { rate: 0.0001 },
  { activation: "none" },
  { wrong: 0.2 },
  { wrong: 0.5 },
]) {
  const runs = Array.from({ length: 5 }, () => run(settings, at));
  at.forEach((epoch, k) => {
    const [seen, unseen] = [0, 1].map((i) =>
      runs.map(({ measured }) => measured[k][i]),
    );
    console.log(
      JSON.stringify(settings),
      `epoch ${epoch}: train ${spread(seen.map((each) => each.accuracy))},`,
      `test ${spread(unseen.map((each) => each.accuracy))},`,
      `test loss ${spread(unseen.map((each) => each.loss))},`,
      `silent ${unseen.map((each) => each.silent).join(" ")}`,
    );
  });
}
for (const rate of [0.001, 0.01]) {
  const runs = Array.from({ length: 100 }, () => run({ rate }, [1]));
  for (const key of ["losses", "moves"]) {
    const steps = runs[0][key].map((_, i) => spread(runs.map((each) => each[key][i])));
    console.log(`rate ${rate}, first steps, ${key}: ${steps.join(", ")}`);
  }
}
