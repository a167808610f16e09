"use strict";

// ---- The page starts --------------------------------------------------------------------

// Fill a list, and choose the value that was chosen before.
function choices(id, values, first, format = String) {
  const value = find(id).options.length ? find(id).value : String(first);
  find(id).replaceChildren();
  for (const each of values) {
    const chosen = String(each) === value;
    find(id).append(new Option(format(each), each, chosen, chosen));
  }
}

// All texts in the chosen language.
function showTexts() {
  translateMarkup();
  if (CLASSES === 2) {
    find("h1").textContent = say("titleTwo");
    find("#hint").textContent = say("hintTwo");
  }
  document.title = find("h1").textContent;
  const { trainLabels, testLabels, tested, correct, file } = MODEL;
  const isHello = file === "hello_mnist.keras" && MODEL.source.startsWith("MNIST");
  find("#lesson").textContent = say("lesson", {
    how: isHello ? say("lessonHow") : "",
    test: number(testLabels.length),
  });
  const about = {
    model: `${file}, SHA-256 ${MODEL.sha256}`,
    tested: say("testedText", {
      correct: number(correct),
      tested: number(tested),
      accuracy: say("percent", { n: ((100 * correct) / tested).toFixed(2) }),
    }),
    source: say("sourceText", {
      source: MODEL.source,
      train: number(trainLabels.length),
      test: number(testLabels.length),
    }),
  };
  find("footer dl").replaceChildren(
    ...Object.entries(about).flatMap(([key, text]) => {
      const name = document.createElement("dt");
      const value = document.createElement("dd");
      name.textContent = say(key);
      value.textContent = text;
      return [name, value];
    }),
  );
  choices("#count", COUNTS, 1000, number);
  choices("#width", NEURONS, 128);
  choices("#rate", RATES, 0.001);
  choices("#batch", BATCHES, 128, (size) => (size === Infinity ? say("all") : size));
  choices("#activation", ACTIVATIONS, "relu", (name) =>
    name === "none" ? say("none") : name,
  );
  choices("#wrong", WRONG, 0, (part) => say("percent", { n: 100 * part }));
  showTraining();
  showStep();
  showConfusion();
  update();
}

// ---- The address: #zh or #en, and what was chosen, like #neurons=16&rate=0.01 ----------

const SETTINGS = {
  images: "#count",
  neurons: "#width",
  rate: "#rate",
  batch: "#batch",
  wrong: "#wrong",
  activation: "#activation",
  distort: "#distort",
};
const DEFAULTS = {}; // values in an address, as the page starts

function chosenIn(id) {
  return id === "#distort" ? String(find(id).checked) : find(id).value;
}

function addressOf(code) {
  const changed = Object.entries(SETTINGS).filter(
    ([name, id]) => chosenIn(id) !== DEFAULTS[name],
  );
  const parts = changed.map(([name, id]) => `${name}=${chosenIn(id)}`);
  return `#${[...(code ? [code] : []), ...parts].join("&")}`;
}

// Choose what the address says, and nothing that no list offers.
function readAddress() {
  for (const part of location.hash.slice(1).split("&")) {
    const [name, value] = part.split("=");
    const id = SETTINGS[name];
    if (!id || chosenIn(id) === value) continue;
    const element = find(id);
    if (id === "#distort") element.checked = value === "true";
    else if ([...element.options].some((option) => option.value === value))
      element.value = value;
    else continue;
    element.dispatchEvent(new Event("change"));
  }
}

function writeAddress() {
  const code = location.hash.match(/\b(zh|en)\b/);
  try {
    history.replaceState(null, "", addressOf(code?.[0]));
  } catch {
    // a page in a sandbox has no history
  }
  find("#language").href = addressOf(language.chinese ? "en" : "zh");
}

addEventListener("hashchange", () => {
  readAddress();
  if (language.chinese !== prefersChinese()) {
    language.chinese = prefersChinese();
    unspoken = true;
    showTexts();
  }
  writeAddress();
});
find("#settings").addEventListener("change", writeAddress);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", update);

find("#training").hidden = find("#learning").hidden = !COUNTS.length;
try {
  new DecompressionStream("deflate-raw");
} catch (error) {
  // a browser of before 2023
  panel.failed = error.message;
  find("#sample").hidden = find("#confusion").hidden = true;
}
find("#code-read").textContent = source("network");
find("#code-learn").textContent = source("learn");
// On a phone these would push the rest far down.
find("#how").open = innerWidth >= 640;
find("#steps").open = innerWidth >= 992;
showTexts();
for (const [name, id] of Object.entries(SETTINGS)) DEFAULTS[name] = chosenIn(id);
if (COUNTS.length) readAddress();
find("#language").href = addressOf(language.chinese ? "en" : "zh");
find("#not-started").remove();
