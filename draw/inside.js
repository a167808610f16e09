"use strict";

// ---- How it came to this: the sums behind the output of one digit -------------------------

const MOST_PARTS = 12; // neurons that are shown

bars.forEach((row, digit) => {
  const button = document.createElement("button");
  button.textContent = digit;
  button.addEventListener("click", () => {
    state.asked = state.asked === digit ? null : digit;
    find("#how").open = true;
    update();
  });
  row.querySelector("th").replaceChildren(button);
});
find("#how").addEventListener("toggle", update);

// What each hidden neuron adds to the logit of a digit, the largest first, whatever its
// sign: {j, ink, sum, bias, h, weight, part}. `ink` holds pixel × weight, (784).
function partsOf(image, digit, network) {
  const { W1, b1, W2, b2 } = network;
  const x = scaled(image, network);
  const { h } = forward(x, network);
  const outputs = b2.length; // the single output is a 1's logit, and a 0's negative
  const parts = Array.from(h, (value, j) => {
    const weight = outputs > 1 ? W2[j * outputs + digit] : (2 * digit - 1) * W2[j];
    return { j, h: value, bias: b1[j], weight, part: value * weight };
  });
  parts.sort((a, b) => Math.abs(b.part) - Math.abs(a.part));
  for (const each of parts.slice(0, MOST_PARTS)) {
    each.ink = Array.from(x, (value, i) => value * W1[i * b1.length + each.j]);
    each.sum = each.ink.reduce((a, b) => a + b);
  }
  return parts;
}

function showInside(network) {
  const { image, p, digit: predicted, asked } = state.shown;
  bars.forEach((row, digit) => {
    const button = row.querySelector("button");
    button.setAttribute("aria-pressed", String(image !== null && digit === asked));
    button.setAttribute("aria-label", say("ask", { digit }));
  });
  let title = "how";
  if (image) title = asked === predicted ? "why" : "whyNot";
  find("#how-title").textContent = say(title, { digit: asked });
  if (!find("#how").open) return;
  find("#layers").textContent = say("layers", {
    neurons: number(network.b1.length),
    outputs: network.b2.length,
    size: number(size(network)),
  });
  const relu = network.activation === "none" ? "" : say("introRelu");
  find("#how-intro").textContent = say("intro", { relu });
  find("#how-empty").hidden = image !== null;
  find("#how-sums").hidden = image === null;
  if (image === null) return;

  const parts = partsOf(image, asked, network);
  const shown = parts.slice(0, MOST_PARTS);
  const most = Math.max(...shown.flatMap(({ ink }) => ink.map(Math.abs)));
  fitParts(shown.length);
  shown.forEach((each, i) => {
    showPart(find("#parts").children[i], each, most, network);
  });

  const sign = network.b2.length > 1 ? 1 : 2 * asked - 1;
  const bias = sign * network.b2[network.b2.length > 1 ? asked : 0];
  const sumOf = (some) => some.reduce((sum, { part }) => sum + part, 0);
  const logit = sumOf(parts) + bias;
  const all = forward(scaled(image, network), network).z;
  const values = {
    digit: asked,
    n: shown.length,
    shown: signed(sumOf(shown)),
    others: number(parts.length - shown.length),
    rest: signed(sumOf(parts.slice(MOST_PARTS))),
    bias: signed(bias),
    z: decimal(logit),
    minusZ: decimal(-logit),
    power: large(Math.exp(logit)),
    powers: large(Array.from(all, Math.exp).reduce((a, b) => a + b)),
    p: percent(p[asked]),
  };
  find("#total").textContent = say("total", values);
  find("#shared").textContent = say(CLASSES > 2 ? "softmax" : "sigmoid", values);
}

function fitParts(count) {
  const list = find("#parts");
  while (list.children.length < count) {
    const item = document.createElement("li");
    const picture = document.createElement("canvas");
    picture.width = picture.height = 28;
    picture.setAttribute("aria-hidden", "true");
    item.append(
      picture,
      ...["span", "span", "b"].map((tag) => document.createElement(tag)),
    );
    list.append(item);
  }
}

function showPart(item, { ink, sum, bias, h, weight, part }, most, network) {
  const [picture, first, second, third] = item.children;
  const context = picture.getContext("2d");
  const pixels = new ImageData(28, 28);
  ink.forEach((value, i) => {
    const strength = Math.sign(value) * Math.sqrt(Math.abs(value) / most);
    pixels.data.set([...tint(strength), 255], 4 * i);
  });
  context.putImageData(pixels, 0, 0);
  const total = decimal(sum + bias);
  first.textContent = `${decimal(sum)} ${bias < 0 ? "−" : "+"} ${decimal(Math.abs(bias))}`;
  second.textContent =
    network.activation === "none" ? `= ${total}` : `relu(${total}) = ${decimal(h)}`;
  third.textContent = `× ${decimal(weight)} = ${signed(part)}`;
  third.className = part > 0 ? "more" : "less";
}

// With a real minus.
function decimal(value, digits = 2) {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

function signed(value) {
  return value >= 0.005 ? `+${decimal(value)}` : decimal(value);
}

function large(value) {
  if (value === Infinity) return "> 1e308";
  if (value >= 1e6 || value < 0.01) return value.toExponential(1).replace("e+", "e");
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : 0 });
}
