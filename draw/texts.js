"use strict";

// ---- Texts: English, Chinese --------------------------------------------------------

const TEXTS = {
  title: ["Draw a digit", "写一个数字"],
  titleTwo: ["Draw a 0 or a 1", "写一个 0 或 1"],
  intro: ["A small neural network inside this page reads it. Nothing you draw is sent"
    + " anywhere.", "网页里的一个小型神经网络会识别它。你写的内容不会发送到任何地方。"],
  drawing: ["Drawing", "书写"],
  canvas: ["Drawing area, for mouse, finger or pen", "书写区，可用鼠标、手指或触控笔"],
  hint: ["Draw a digit here", "在这里写一个数字"],
  hintTwo: ["Draw a 0 or a 1 here", "在这里写 0 或 1"],
  undo: ["Undo", "撤销"],
  redo: ["Redo", "重做"],
  clear: ["Clear", "清除"],
  sample: ["Test image", "测试图像"],
  prediction: ["Prediction", "预测"],
  caption: ["Probability of each digit", "每个数字的概率"],
  empty: ["Draw a digit, or load a test image.", "请写一个数字，或载入一幅测试图像。"],
  probability: ["probability {p}", "概率 {p}"],
  label: ["; its label is {label}", "；标签是 {label}"],
  percent: ["{n} %", "{n}%"],
  dot: ["That is hardly any ink.", "笔迹太少了。"],
  many: ["This looks like more than one digit; the network reads only one.",
    "看起来不止一个数字；这个网络一次只识别一个。"],
  wide: ["It is wider than high, unlike a digit.", "它的宽大于高，不像一个数字。"],
  readerTrained: ["Read by the trained network: {size} weights and biases.",
    "由训练好的网络识别：共 {size} 个权重和偏置。"],
  readerRandom: ["Read by your network: {size} weights and biases, still random.",
    "由你的网络识别：共 {size} 个权重和偏置，仍是随机数。"],
  readerOwn: ["Read by your network, in training: {size} weights and biases.",
    "由你训练的网络识别：共 {size} 个权重和偏置。"],
  seen: ["What the network sees", "网络看到的图像"],
  seenName: ["The drawing in 28 by 28 pixels", "缩成 28×28 像素的图像"],
  overlay: ["Pixels for and against", "支持与反对的像素"],
  legendFor: [" ink that speaks for the {digit}; ", " 支持 {digit} 的笔迹；"],
  legendAgainst: [" ink that speaks against the {digit}: without it the network would"
    + " be surer.", " 反对 {digit} 的笔迹：没有它，网络会更有把握。"],
  training: ["Watch a network learn", "看网络怎样学习"],
  lesson: ["The network above has been trained already. Here a new one starts with"
    + " random weights and learns in your browser, from images with labels. In one"
    + " epoch it sees each training image once. After each epoch it is tried on {test}"
    + " test images, from which it never learns.",
  "上面的网络已经训练好了。这里有一个新的网络：它的权重一开始是随机数，在你的浏览器里"
    + "从带标签的图像中学习。一轮之内，每幅训练图像都看一遍。每轮之后，用 {test} 幅"
    + "它从不学习的测试图像来检验。"],
  train: ["Train", "训练"],
  pause: ["Pause", "暂停"],
  forget: ["Forget everything", "全部忘掉"],
  back: ["Trained network back", "换回训练好的网络"],
  count: ["Training images", "训练图像"],
  neurons: ["Neurons", "神经元"],
  rate: ["Learning rate", "学习率"],
  distort: ["Distort the images", "让图像变形"],
  ready: ["Press Train.", "请按“训练”。"],
  random: ["The weights are random: the network guesses, and of ten digits about one is"
    + " right.", "权重是随机数：网络只是在猜，十个数字大约猜对一个。"],
  epoch: ["Epoch {epoch}. Right: {train} of the training images, {test} of the test"
    + " images. Gap {gap} percentage points: ",
  "第 {epoch} 轮。准确率：训练集 {train}，测试集 {test}。相差 {gap} 个百分点："],
  overfits: ["it knows its training images better than new ones. It overfits.",
    "它对训练图像比对新图像更熟悉，这就是过拟合。"],
  fits: ["no overfitting is shown.", "看不出过拟合。"],
  done: [" Paused after {epoch} epochs; Train goes on.",
    " 已训练 {epoch} 轮，暂停；按“训练”可继续。"],
  reading: ["Your drawing is read as {digit}: {p}.", "你写的数字被识别为 {digit}：{p}。"],
  cannot: ["Training does not work in this browser ({reason}). The trained network"
    + " still reads what you draw.",
  "这个浏览器不能训练（{reason}）。训练好的网络仍可识别你写的数字。"],
  accuracy: ["Accuracy: the part that is right", "准确率：识别正确的比例"],
  loss: ["Loss: how wrong it is", "损失：错得有多严重"],
  curve: ["{title}, epoch {epoch}: train {train}, test {test}",
    "{title}，第 {epoch} 轮：训练集 {train}，测试集 {test}"],
  nothing: ["{title}: nothing yet", "{title}：还没有"],
  curveTrain: ["train", "训练集"],
  curveTest: ["test", "测试集"],
  epochs: ["{n} epochs", "{n} 轮"],
  learnt: ["What its neurons have learnt", "神经元学到了什么"],
  neuronsName: ["Changes of the weights of 16 neurons", "16 个神经元的权重变化"],
  neuronsText: ["Each square shows how training has changed one neuron's 784 weights,"
    + " one for each pixel. Blue weights have grown: ink there excites the neuron."
    + " Orange ones have shrunk: ink there quiets it. These are the 16 neurons that"
    + " have changed most.",
  "每个方块表示训练使一个神经元的 784 个权重（每个像素一个）改变了多少。蓝色：权重变大，"
    + "那里有笔迹时神经元更活跃。橙色：权重变小，那里有笔迹时神经元受抑制。"
    + "这里是变化最大的 16 个神经元。"],
  steps: ["Try this, in this order", "请按顺序试一试"],
  step1: ["Train. Press Train and watch the curves. Accuracy rises, loss falls. Soon"
    + " nearly all training images are right, but the test images stay behind: the"
    + " network learns its 1,000 images by heart. That is overfitting. Wait, and the"
    + " loss of the test images even rises again.",
  "训练。按“训练”，观察曲线：准确率上升，损失下降。很快训练图像几乎全对，测试图像却落在"
    + "后面：网络把 1,000 幅图像背了下来，这就是过拟合。再等一会儿，测试集的损失"
    + "甚至又会上升。"],
  step2: ["Draw. Draw a digit while it trains. Its probabilities change with the"
    + " weights.",
    "写数字。训练时写一个数字：概率随着权重一起变化。"],
  step3: ["Forget. Press Forget everything: no digit is much more probable than others."
    + " All that a network knows is in its weights. Train again: it comes to other"
    + " weights, and to nearly the same accuracy.",
  "忘掉。按“全部忘掉”：没有哪个数字的概率明显更高。网络知道的一切都在权重里。"
    + "再训练一次：得到的权重不同，准确率却差不多。"],
  step4: ["Fewer images. Choose 500 training images, then 4,000, and train. The fewer"
    + " the images, the larger the gap.",
  "减少图像。选 500 幅训练图像来训练，再选 4,000 幅。图像越少，差距越大。"],
  step5: ["Distortion. Choose 4,000 images and 512 neurons, and distort the images:"
    + " each is turned, slanted, stretched and moved a little, differently in each"
    + " epoch. Nothing can be learnt by heart. It takes longer, but the gap stays"
    + " small, more test images are right, and the neurons become detectors of"
    + " strokes.",
  "变形。选 4,000 幅图像、512 个神经元，并勾选“让图像变形”：每幅图像每轮都稍微旋转、倾斜、"
    + "拉伸、移动，而且每次不同，因此无法死记硬背。学得慢一些，但差距一直很小，"
    + "测试图像对得更多，神经元也变成了笔画的探测器。"],
  step6: ["What do 16 neurons do? And a learning rate of 0.01, or 0.0001?",
    "只用 16 个神经元会怎样？学习率改成 0.01 或 0.0001 呢？"],
  mistakes: ["Test images that the trained network misclassifies",
    "训练好的网络识别错误的测试图像"],
  mistakesText: ["Label → prediction. Select one to put it on the canvas.",
    "标签 → 预测。选择一幅，放到书写区。"],
  mistake: ["{label} → {prediction}: test image, label {label}, read as {prediction}",
    "{label} → {prediction}：测试图像，标签 {label}，预测 {prediction}"],
  code: ["How it reads: the program that this page runs", "怎样识别：本页运行的程序"],
  codeName: ["Source code of reading", "识别的源代码"],
  codeLearn: ["How it learns: the program that this page runs", "怎样学习：本页运行的程序"],
  codeLearnName: ["Source code of learning", "学习的源代码"],
  about: ["About the trained network and the images", "关于训练好的网络和图像"],
  model: ["Model", "模型"],
  tested: ["Test accuracy", "测试集准确率"],
  testedText: ["{correct} of {tested} test images right: {accuracy}, ± {u} percentage"
    + " points (1.96 standard errors)",
  "{tested} 幅测试图像中对 {correct} 幅：{accuracy}，± {u} 个百分点（1.96 倍标准误）"],
  source: ["Images", "图像"],
  sourceText: ["{source}. In this page, in 16 grey levels: {train} training images and"
    + " {test} test images.",
  "{source}。本页含 {train} 幅训练图像和 {test} 幅测试图像，16 级灰度。"],
};
const CHINESE = navigator.language.startsWith("zh");

function say(key, values = {}) {
  return TEXTS[key][CHINESE ? 1 : 0].replace(/{(\w+)}/g, (_, name) => values[name]);
}

const find = (selector) => document.querySelector(selector);
const number = (n) => n.toLocaleString(CHINESE ? "zh-CN" : "en");
document.documentElement.lang = CHINESE ? "zh-CN" : "en";
for (const element of document.querySelectorAll("[data-text]"))
  element.textContent = say(element.dataset.text);
for (const element of document.querySelectorAll("[data-name]"))
  element.setAttribute("aria-label", say(element.dataset.name));
