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
  const { trainLabels, testLabels, tested, correct } = MODEL;
  find("#lesson").textContent = say("lesson", { test: number(testLabels.length) });
  const about = {
    model: `${MODEL.file}, SHA-256 ${MODEL.sha256}`,
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
  find("dl").replaceChildren(
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
  choices("#wrong", WRONG, 0, (part) => say("percent", { n: 100 * part }));
  showTraining();
  showStep();
  showConfusion();
  update();
}

addEventListener("hashchange", () => {
  if (language.chinese === prefersChinese()) return;
  language.chinese = prefersChinese();
  unspoken = true;
  showTexts();
});
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
find("#how").open = innerWidth >= 640; // on a phone it would push the rest far down
showTexts();
find("#not-started").remove();
