"use strict";

// ---- Which digits are mixed up: a table of all test images in the page ----------------

const MOST_SHOWN = 60; // images below the table

state.predictions = null; // of one's own network: its digit for each test image
const table = {
  trained: null, // the same of the trained network, once they are computed
  cell: null, // [label, digit] of the cell whose images are shown
  cells: [], // [label][digit]: its button
};

const corner = find("#table").createTHead().insertRow();
corner.append(document.createElement("td"));
for (const digit of DIGITS) corner.append(heading(digit, "col"));
const body = find("#table").createTBody();
for (const label of DIGITS) {
  const row = body.insertRow();
  row.append(heading(label, "row"));
  table.cells.push(
    DIGITS.map((digit) => {
      const button = document.createElement("button");
      button.addEventListener("click", async () => {
        table.cell = [label, digit];
        await showConfusion();
        find("#spoken").textContent = find("#members-title").textContent;
      });
      row.insertCell().append(button);
      return button;
    }),
  );
}
find("#confusion").addEventListener("toggle", showConfusion);

function heading(digit, scope) {
  const cell = document.createElement("th");
  cell.scope = scope;
  cell.textContent = digit;
  return cell;
}

async function showConfusion() {
  const own = state.ownReads && state.own;
  find("#confusion-title").textContent = say(own ? "confusionOwn" : "confusion");
  if (!find("#confusion").open) return;
  const { test, testLabels } = await imagesOfPage();
  if (!own && !table.trained)
    table.trained = test.map((image) => indexOfLargest(probabilities(image, TRAINED)));
  // Between two epochs the last one counts.
  const predictions = own ? state.predictions : table.trained;
  if (!predictions) return;
  const members = DIGITS.map(() => DIGITS.map(() => []));
  testLabels.forEach((label, i) => {
    members[label][predictions[i]].push(i);
  });
  const right = DIGITS.reduce((sum, digit) => sum + members[digit][digit].length, 0);
  const values = {
    n: number(testLabels.length),
    wrong: number(testLabels.length - right),
  };
  let text = "mixed";
  if (own && panel.last.epoch > 0) text = "mixedOwn";
  else if (own && !state.loaded) text = "mixedRandom";
  find("#mixed").textContent = say(text, values);
  const most = Math.max(
    1,
    ...DIGITS.flatMap((a) => DIGITS.map((b) => (a === b ? 0 : members[a][b].length))),
  );
  for (const label of DIGITS)
    for (const digit of DIGITS) {
      const button = table.cells[label][digit];
      const count = members[label][digit].length;
      button.hidden = count === 0;
      button.textContent = count;
      button.className = label === digit ? "right" : count > most / 2 ? "often" : "";
      button.setAttribute("aria-label", say("cell", { label, digit, count }));
      const chosen = table.cell && table.cell[0] === label && table.cell[1] === digit;
      button.setAttribute("aria-pressed", String(Boolean(chosen)));
    }
  showMembers(
    table.cell ? members[table.cell[0]][table.cell[1]] : [],
    test,
    testLabels,
  );
}

function showMembers(chosen, test, testLabels) {
  const text = table.cell
    ? say("members", {
        label: table.cell[0],
        digit: table.cell[1],
        count: chosen.length,
      })
    : say("choose");
  find("#members-title").textContent = text;
  const items = chosen.slice(0, MOST_SHOWN).map((i, n) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const picture = document.createElement("canvas");
    picture.width = picture.height = 28;
    colour(picture.getContext("2d"), test[i]);
    button.append(picture);
    button.setAttribute(
      "aria-label",
      say("member", { n: n + 1, label: testLabels[i] }),
    );
    button.addEventListener("click", () =>
      load({ pixels: test[i], label: testLabels[i] }),
    );
    item.append(button);
    return item;
  });
  // A button keeps the focus while a training renews the list.
  const list = find("#members");
  const focused = [...list.children].findIndex((item) =>
    item.contains(document.activeElement),
  );
  list.replaceChildren(...items);
  if (focused >= 0 && items.length)
    items[Math.min(focused, items.length - 1)].firstChild.focus();
}
