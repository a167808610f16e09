"use strict";

// The page's texts in two languages. Those that stand in page.html are keyed by their
// English; those that scripts show have a name each, and English and Chinese.

const CHINESE = {
  "This file is not a network that this page has saved.":
    "这个文件不是本页保存的网络。",
  "Draw a digit": "写一个数字",
  "A small neural network inside this page reads it. Nothing you draw is sent anywhere.":
    "网页里的一个小型神经网络会识别它。你写的内容不会发送到任何地方。",
  Drawing: "书写",
  "Drawing area, for mouse, finger or pen": "书写区，可用鼠标、手指或触控笔",
  "Draw a digit here": "在这里写一个数字",
  Undo: "撤销",
  Redo: "重做",
  Clear: "清除",
  "Show a test image": "显示一张测试图像",
  Prediction: "预测",
  "Probability of each digit": "每个数字的概率",
  "What the network sees": "神经网络看到的图像",
  "The drawing in 28 by 28 pixels": "缩成 28×28 像素的图像",
  "Pixels for and against": "支持与反对的像素",
  "Draw a digit first.": "请先写一个数字。",
  Words: "名词解释",
  neuron: "神经元（neuron）",
  "the sum of its inputs times weights, plus a bias; then the activation function":
    "输入乘以权重后求和，加上偏置；再经过激活函数",
  "hidden layer": "隐藏层（hidden layer）",
  "the neurons between the pixels and the output layer": "像素与输出层之间的神经元",
  weight: "权重（weight）",
  "the number with which a neuron multiplies one of its inputs":
    "神经元用来乘某个输入的数",
  bias: "偏置（bias）",
  "the number that a neuron adds to its sum": "神经元在求和之后加上的数",
  "activation function": "激活函数（activation function）",
  "what a layer does with each neuron’s result, like relu and softmax":
    "一层对每个神经元的结果所做的变换，例如 relu、softmax",
  relu: "relu",
  "keeps what is positive; 0 for the rest": "正的保留，其余变为 0",
  fire: "激活（fire）",
  "a neuron fires for an image if its result is above 0":
    "神经元对一张图像的结果大于 0，就说它被激活",
  logit: "logit",
  "an output neuron’s result before softmax": "输出层的神经元在 softmax 之前的结果",
  softmax: "softmax",
  "makes probabilities of logits": "把 logit 变成概率",
  p: "p",
  "a probability, from 0 to 1": "概率，从 0 到 1",
  MNIST: "MNIST",
  "70,000 images of handwritten digits: 60,000 to train on, 10,000 to test with":
    "70,000 张手写数字图像：60,000 张用于训练，10,000 张用于测试",
  label: "标签（label）",
  "the answer given with an image; the network takes it for true":
    "随图像给出的答案；网络把它当作正确答案",
  accuracy: "准确率（accuracy）",
  "the share of the images that are read correctly": "识别正确的图像所占的比例",
  loss: "损失（loss）",
  "how wrong an answer is: −ln of the label’s probability":
    "答案错到什么程度：标签的概率取 −ln",
  gradient: "梯度（gradient）",
  "for each weight and bias, how fast the loss grows with it":
    "损失对每个权重和偏置的变化率",
  optimizer: "优化器（optimizer）",
  "the rule by which a gradient changes the weights; here RMSprop, which divides it by its usual size":
    "根据梯度改变权重的规则；这里是 RMSprop，它把梯度除以梯度的通常大小",
  "learning rate": "学习率（learning rate）",
  "the factor of that divided gradient in a step": "走一步时，这个除过的梯度要乘的倍数",
  batch: "批（batch）",
  "the images of one step": "一步所用的图像；张数称为批量大小",
  step: "步（step）",
  "one change of the weights and biases, made for one batch":
    "根据一批图像，把权重和偏置改变一次",
  epoch: "轮（epoch）",
  "one pass through all training images": "把全部训练图像过一遍",
  "training and test images": "训练图像、测试图像",
  "the first change the weights; with the others one only measures":
    "前者用来改变权重；后者只用来测量",
  gap: "差距（gap）",
  "training accuracy minus test accuracy, in percentage points":
    "训练准确率减去测试准确率，以百分点计",
  overfitting: "过拟合（overfitting）",
  "reading training images better than new ones; harm is done where new ones get worse":
    "识别训练图像比识别新图像更准；只有新图像认得更差时，才是问题",
  "standard deviation": "标准差（standard deviation）",
  "about how far values are from their mean": "各个数值离平均值大约有多远",
  "Watch a network learn": "看神经网络怎样学习",
  "Forget everything": "全部忘掉",
  "A change starts a new network:": "改变这些，会换成一个新的网络：",
  "A change acts at once, on the same network:": "改变这些，立即生效，网络不变：",
  "Training images": "训练图像数",
  Neurons: "神经元数",
  "Learning rate": "学习率",
  "Distort the images": "让图像变形（数据增强）",
  Batch: "批量大小",
  "Wrong labels": "错误标签",
  Activation: "激活函数",
  "Save your network as a file": "把你的网络保存为文件",
  "Load one": "从文件载入",
  "One step": "走一步",
  "What one step does": "这一步做了什么",
  "Below each image: its label, the probability p that the network gave this label before the step, and the loss −ln p. A purple frame: p is below a half.":
    "每张图像下面是：标签、这一步之前网络给这个标签的概率 p、损失 −ln p。紫框：p 不到一半。",
  "The neuron whose weights moved most, one weight for each pixel:":
    "权重变化最大的神经元，每个像素一个权重：",
  "The weights before the step": "这一步之前的权重",
  before: "之前",
  "How far the step moved them": "这一步改变了多少",
  "the step, in stronger colours": "这一步（颜色加深）",
  "The weights after the step": "这一步之后的权重",
  after: "之后",
  "Teach it your drawing. This is a": "把你写的数字教给它：这是",
  "Take them out": "不再教这些",
  "Rows are labels, columns are what the network reads. Grey is right; the rest are mistakes, dark purple the most frequent. Select a number to see its images.":
    "行是标签，列是网络识别的结果。灰色的正确；其余的错误，深紫色表示最常见的错误。选择一个数，查看其中的图像。",
  "Test images: label ↓, read as →": "测试图像：标签 ↓，识别为 →",
  "Accuracy: the part that agrees with the label": "准确率：与标签一致的比例",
  "Loss: how wrong it is": "损失：错得有多严重",
  "What its neurons have learnt": "神经元学到了什么",
  "Nothing yet: no weight has changed here.": "暂无：权重还没有改变过。",
  "Changes of the weights of 16 neurons": "16 个神经元的权重变化",
  "Each square shows how training has changed the 28 × 28 = 784 weights of one neuron, one for each pixel. Blue weights have grown: ink there excites the neuron. Orange ones have shrunk: ink there quiets it.":
    "每个方块表示训练使一个神经元的 28 × 28 = 784 个权重（每个像素一个）改变了多少。蓝色：权重变大，那里有笔迹时神经元更活跃。橙色：权重变小，那里有笔迹时神经元受抑制。",
  "These are the 16 neurons that have changed most.": "这里是变化最大的 16 个神经元。",
  "New here? Try this, in this order": "第一次来？请按顺序试一试",
  "“Words”, above, explains the terms.": "上面的“名词解释”说明了各个术语。",
  "Draw a digit. Then draw a letter: the ten outputs always add up to 1. There is no output for “no digit”: even a letter gets a digit, sometimes with a high probability.":
    "写一个数字，再写一个字母。十个输出之和总是 1，没有一个表示“不是数字”：字母也会被认作某个数字，有时概率还很高。",
  "Look inside. “How it came to this” shows the sums: weights are the numbers by which the ink is multiplied. Select another digit in the list: why not that one?":
    "看看里面。“它是怎样得出的”列出了其中的求和：权重就是与笔迹相乘的数。在列表中选另一个数字：为什么不是它？",
  "One step. Press One step a few times. A batch of images, their losses, the slope of the mean loss (the gradient), a small move of each weight against it: that is all of learning. Choose a learning rate of 0.01, press Forget everything, and step again: too far?":
    "走一步。按几次“走一步”。一批图像、它们的损失、平均损失的斜率（梯度）、每个权重逆着梯度的一小步：学习就是这些。把学习率改成 0.01，按“全部忘掉”，再走几步：是不是走得太远？",
  "The answer, measured": "实测的答案",
  "Yes, at first. The batch’s loss before each of the first eight steps, the mean of 100 networks: at 0.001 it falls from 2.4 to 1.2; at 0.01 it rises from 2.4 to 3.8 in two steps, and only then falls, to 0.9. For RMSprop’s first steps are its longest: the weights of the hidden layer move 2.5 learning rates in the first step; in the eighth 1.2 at 0.001, and 0.8 at 0.01 (root mean squares). After 20 epochs the test images are read no worse than at 0.001; but many neurons never fire: see the last question. (Printed by the project’s draw/measure.js.)":
    "开头确实走得太远。前八步中每一步之前这批图像的损失（100 个网络的平均值）：学习率 0.001 时从 2.4 降到 1.2；0.01 时两步之内从 2.4 升到 3.8，然后才下降，降到 0.9。因为 RMSprop 最初的几步最长：隐藏层的权重在第一步移动学习率的 2.5 倍，第八步在 0.001 时移动 1.2 倍，在 0.01 时移动 0.8 倍（均方根）。20 轮之后识别测试图像并不比 0.001 时差，只是许多神经元从不激活：见最后一个问题。（由本项目的 draw/measure.js 输出。）",
  "Train. Press Train and watch the curves. Accuracy rises, loss falls. Soon nearly all training images are right, but the test images stay behind: the network learns its 1,000 images by heart. That is overfitting. Wait, and look at the loss curve: the loss of the test images even rises again. As many of them may be right, but the wrong answers are given with more certainty.":
    "训练。按“训练”，观察曲线：准确率上升，损失下降。很快训练图像几乎全对，测试图像却落在后面：网络把 1,000 张图像背了下来，这就是过拟合。再等一会儿，看损失曲线：测试集的损失甚至又会上升。答对的图像可能并没有变少，但网络对错误的答案更有把握了。",
  "Draw while it trains. The probabilities change with the weights. Press Forget everything: no digit is much more probable than others. All that a network knows is in its weights. Train again: it comes to other weights, and to nearly the same accuracy.":
    "一边训练一边写数字：概率随着权重一起变化。按“全部忘掉”：没有哪个数字的概率明显更高。网络知道的一切都在权重里。再训练一次：得到的权重不同，准确率却差不多。",
  "Fewer images. Choose 500 training images, then 4,000, and train. The fewer the images, the larger the gap.":
    "减少图像。选 500 张训练图像来训练，再选 4,000 张。图像越少，差距越大。",
  "Wrong labels. Choose 1,000 images and 20\u00a0% wrong labels, and train for 100 epochs. First the network learns what is common to a digit; then it learns the wrong labels by heart, and the test accuracy falls. When should one have stopped?":
    "错误的标签。选 1,000 张图像和 20% 的错误标签，训练 100 轮。网络先学会每个数字的共同特征，然后把错误的标签也背下来，测试准确率随之下降。应该在什么时候停下？",
  "Distortion. Choose 4,000 images and 512 neurons, and distort the images: each is turned, slanted, stretched and moved a little, differently in each epoch. Almost nothing can be learnt by heart. It takes longer, but the gap stays small, more test images are right, and the neurons become detectors of strokes.":
    "变形。选 4,000 张图像、512 个神经元，并勾选“让图像变形”：每张图像每轮都稍微旋转、倾斜、拉伸、移动，而且每次不同，因此几乎无法死记硬背。要训练得更久，但差距一直很小，测试图像对得更多，神经元也变成了笔画的探测器。",
  "Teach it. MNIST was written in the USA, where a 1 is a bare stroke. Draw a 1 with a long upstroke: often it is read as a 7. Train your network, and teach it six such ones. A network knows what it was shown.":
    "教它。MNIST 的数字出自美国人之手，他们的 1 只写一竖。写一个 1，起笔带一条长斜线：常常被识别为 7。训练你的网络，再教它六个这样的 1。给网络看过什么，它就知道什么。",
  "Mistakes. Open “Which digits your network mixes up” below. Which pairs are the most frequent? Select a number, and judge its images yourself.":
    "错误。打开下面的“你的网络会混淆哪些数字”。哪些数字最容易混淆？选择一个数，自己判断那些图像。",
  "What do 16 neurons do? And a learning rate of 0.01, or 0.0001? (Choose it, and press Forget everything first.) And no activation?":
    "只用 16 个神经元会怎样？学习率改成 0.01 或 0.0001 呢（选好之后，先按“全部忘掉”）？去掉激活函数呢？",
  "Test accuracy in percent with 1,000 images, five trainings each: mean ± standard deviation.":
    "用 1,000 张图像、各训练五次的测试准确率（%）：均值 ± 标准差。",
  "20 epochs": "20 轮",
  "100 epochs": "100 轮",
  "as the page starts": "初始设置",
  "16 neurons": "16 个神经元",
  "learning rate 0.01": "学习率 0.01",
  "learning rate 0.0001": "学习率 0.0001",
  "no activation": "没有激活函数",
  "20\u00a0% wrong labels": "20% 的错误标签",
  "At 0.01, 23 to 34 of the 128 neurons never fire in these five trainings; in others it may be fewer or more. At 0.0001 it learns slowly. Without an activation two layers can do no more than one. (Printed by the project’s draw/measure.js.)":
    "学习率 0.01 时，这五次训练中，128 个神经元里有 23 到 34 个从不激活；别的训练可能更少或更多。0.0001 时学得慢。没有激活函数，两层并不比一层更强。（由本项目的 draw/measure.js 输出。）",
  "How it reads: the program that this page runs": "怎样识别：本页运行的程序",
  "Source code of reading": "识别的源代码",
  "How it learns: the program that this page runs": "怎样学习：本页运行的程序",
  "Source code of learning": "学习的源代码",
  "About the trained network and the images": "关于训练好的网络和图像",
};

const TEXTS = {
  titleTwo: ["Draw a 0 or a 1", "写一个 0 或 1"],
  hintTwo: ["Draw a 0 or a 1 here", "在这里写 0 或 1"],
  empty: ["Draw a digit, or load a test image.", "请写一个数字，或载入一张测试图像。"],
  probability: ["probability {p}", "概率 {p}"],
  label: ["; its label is {label}", "；标签是 {label}"],
  percent: ["{n}\u00a0%", "{n}%"], // a space at which no line ends
  dot: ["That is hardly any ink.", "笔迹太少了。"],
  many: [
    "This looks like more than one digit; the network reads only one.",
    "看起来不止一个数字；这个网络一次只识别一个。",
  ],
  wide: [
    "It is wider than high, unlike most digits: perhaps two that touch?",
    "写得太宽了，不像大多数数字：也许是两个连在一起的数字？",
  ],
  touching: ["Or two digits that touch?", "还是两个连在一起的数字？"],
  unsure: ["Below 95\u00a0%: the network is not sure.", "低于 95%：网络没有把握。"],
  readerTrained: [
    "Read by the trained network: {size} weights and biases.",
    "由训练好的网络识别：共 {size} 个权重和偏置。",
  ],
  readerRandom: [
    "Read by your network: {size} weights and biases. The weights are still random, the biases 0.",
    "由你的网络识别：共 {size} 个权重和偏置。权重仍是随机数，偏置是 0。",
  ],
  readerOwn: [
    "Read by your network, in training: {size} weights and biases.",
    "由你正在训练的网络识别：共 {size} 个权重和偏置。",
  ],
  readerPaused: [
    "Read by your network, paused: {size} weights and biases.",
    "由你的网络（已暂停训练）识别：共 {size} 个权重和偏置。",
  ],
  layers: [
    "784 pixels → hidden layer: {neurons} neurons → output layer: {outputs}. Weights and biases: 784 × {neurons} + {neurons} + {neurons} × {outputs} + {outputs} = {size}.",
    "784 个像素 → 隐藏层：{neurons} 个神经元 → 输出层：{outputs} 个。权重和偏置：784 × {neurons} + {neurons} + {neurons} × {outputs} + {outputs} = {size} 个。",
  ],
  intro: [
    "These hidden neurons count most, for or against; but the decision is spread over all of them, whose sum stands below. Each square is ink × weight, pixel by pixel: blue adds to the neuron’s sum, orange takes away. Below it: the sum of the square, plus the neuron’s bias; {relu}times one weight of the output layer, that is its part in the digit’s output. The colour of this part is about the digit: blue raises its output, orange lowers it. All numbers are rounded. Select another digit in the list above to see why not that one.",
    "这些隐藏层神经元的作用最大，或支持或反对；但结果由所有神经元共同决定，它们的总和列在下面。每个方块逐像素表示 笔迹 × 权重：蓝色使神经元的和增加，橙色使它减少。下面依次是：方块之和，加上这个神经元的偏置；{relu}再乘以输出层的一个权重，就是它在该数字的输出中所占的一份。这一份的颜色说的是该数字：蓝色使其输出变大，橙色使其变小。所有数都经过四舍五入。在上面的列表中选另一个数字，看看为什么不是它。",
  ],
  introRelu: ["relu makes a sum below 0 a 0; ", "relu 把小于 0 的和变成 0；"],
  legendFor: [
    " ink that raises the {digit}’s logit; ",
    " 使 {digit} 的 logit 变大的笔迹；",
  ],
  legendAgainst: [
    " ink that lowers it. The logit is the output before softmax. Drawn is each pixel times the gradient of that logit.",
    " 使它变小的笔迹。logit 是 softmax 之前的输出；画的是每个像素乘以该 logit 对它的梯度。",
  ],
  lesson: [
    "The network above has been trained already{how}. Here a new one starts with random weights and learns in your browser, from images with labels. In one epoch it sees each training image once. After each epoch it is tried on {test} test images, from which it never learns.",
    "上面的网络已经训练好了{how}。这里有一个新的网络：它的权重一开始是随机数，在你的浏览器里从带标签的图像中学习。一轮之内，每张训练图像都看一遍。每轮之后，用 {test} 张不参与训练的测试图像来检验。",
  ],
  lessonHow: [
    ": hello_mnist.py, unchanged, does it in 5 epochs on the 60,000 training images of MNIST",
    "：不作改动的 hello_mnist.py 用 MNIST 的 60,000 张训练图像训练 5 轮",
  ],
  ask: ["{digit}: how its output came about", "{digit}：它的输出是怎样得出的"],
  how: ["How it came to this", "它是怎样得出的"],
  why: ["How it came to this: a {digit}", "它是怎样得出的：{digit}"],
  whyNot: [
    "How it came to this: why not a {digit}?",
    "它是怎样得出的：为什么不是 {digit}？",
  ],
  total: [
    "These {n} parts {shown}, the other {others} neurons {rest}, bias {bias}: together z = {z}, the output for {digit} (its logit).",
    "这 {n} 份之和 {shown}，其余 {others} 个神经元 {rest}，偏置 {bias}：合计 z = {z}，即 {digit} 的输出（logit）。",
  ],
  softmax: [
    "softmax: e to the power of z is {power}; for all ten digits together {powers}. The share of the {digit}: {p}.",
    "softmax：e 的 z 次方是 {power}；十个数字合计 {powers}。{digit} 所占的比例：{p}。",
  ],
  sigmoid: [
    "sigmoid: 1 / (1 + e to the power of {minusZ}) = {p}.",
    "sigmoid：1 / (1 + e 的 {minusZ} 次方) = {p}。",
  ],
  train: ["Train", "训练"],
  pause: ["Pause", "暂停"],
  back: ["Trained network back", "换回训练好的网络"],
  mine: ["Your network back", "换回你的网络"],
  ready: ["Press Train.", "请按“训练”。"],
  random: [
    "The weights are random: the network guesses, and of ten digits about one is right.",
    "权重是随机数：网络只是在猜，十个数字大约猜对一个。",
  ],
  firstEpoch: [
    "In the first epoch: it has seen {seen} of {count} images.",
    "第一轮之中：已看过 {count} 张图像中的 {seen} 张。",
  ],
  allOf: ["the {n}", "{n}"],
  firstOf: ["the first {n}", "前 {n}"],
  epoch: [
    "Epoch {epoch}. Right: {train} of {seen} training images, {test} of {tested} test images. ",
    "第 {epoch} 轮。准确率：{seen} 张训练图像 {train}，{tested} 张测试图像 {test}。",
  ],
  epochWrong: [
    "Epoch {epoch}. Read as labelled, wrong labels among them: {train} of {seen} training images. Right: {test} of {tested} test images, whose labels are right. ",
    "第 {epoch} 轮。识别结果与标签（包括错误的标签）一致：{seen} 张训练图像 {train}。准确率：{tested} 张测试图像（标签都正确）{test}。",
  ],
  byHeart: [
    "To read every digit right would agree with {right} of the labels: what is above that is learnt by heart.",
    "如果每个数字都识别正确，应与 {right} 的标签一致：超出的部分就是死记硬背。",
  ],
  gap: [
    "Gap: {gap} percentage points (training minus test). ",
    "差距：{gap} 个百分点（训练减测试）。",
  ],
  noHarm: [
    "No harm so far: the test loss is at its lowest, or was a few epochs ago.",
    "目前没有坏处：测试集的损失正处于最低，或几轮之前刚到过最低。",
  ],
  risen: [
    "The test loss has risen since epoch {best}.",
    "测试集的损失从第 {best} 轮起上升了。",
  ],
  fallen: [
    " The test accuracy fell from {most} (epoch {best}) to {test}.",
    "测试准确率从 {most}（第 {best} 轮）降到了 {test}。",
  ],
  done: [
    " Paused after {epoch} epochs; Train goes on.",
    "已训练 {epoch} 轮，暂停；按“训练”可继续。",
  ],
  confusion: [
    "Which digits the trained network mixes up",
    "训练好的网络会混淆哪些数字",
  ],
  confusionOwn: ["Which digits your network mixes up", "你的网络会混淆哪些数字"],
  mixed: [
    "{wrong} of the {n} test images in this page are read wrongly.",
    "本页的 {n} 张测试图像中，有 {wrong} 张识别错误。",
  ],
  mixedRandom: [
    "Before its first whole epoch, with the random weights: {wrong} of the {n} test images in this page are read wrongly.",
    "在第一轮全部结束之前，用随机权重：本页的 {n} 张测试图像中，有 {wrong} 张识别错误。",
  ],
  mixedOwn: [
    "After its last whole epoch {wrong} of the {n} test images in this page are read wrongly.",
    "上一轮结束时，本页的 {n} 张测试图像中，有 {wrong} 张识别错误。",
  ],
  cell: [
    "{count}: label {label}, read as {digit}",
    "{count}：标签 {label}，识别为 {digit}",
  ],
  choose: ["Select a number.", "请选择一个数。"],
  members: [
    "Label {label}, read as {digit}: {count}. Select one to put it on the canvas.",
    "标签 {label}，识别为 {digit}：{count} 张。选择一张，放到书写区。",
  ],
  member: ["image {n}, label {label}", "第 {n} 张，标签 {label}"],
  none: ["none", "无"],
  silent: [
    "Neurons that are 0 for every test image, so never fire: {n} of {all}.",
    "对所有测试图像都输出 0、即从不激活的神经元：{all} 个中有 {n} 个。",
  ],
  loaded: [
    "A network from a file, with {n} neurons. Train goes on with it.",
    "来自文件的网络，有 {n} 个神经元。按“训练”可继续。",
  ],
  readerLoaded: [
    "Read by the network from your file: {size} weights and biases.",
    "由文件中的网络识别：共 {size} 个权重和偏置。",
  ],
  all: ["all", "全部"],
  batchLoss: [
    "The batch: {size} images. Their mean loss was {before} before the step and is {after} after it.",
    "这一批：{size} 张图像。平均损失在这一步之前是 {before}，之后是 {after}。",
  ],
  batchLossOne: [
    "The batch: 1 image. Its loss was {before} before the step and is {after} after it.",
    "这一批：1 张图像。它的损失在这一步之前是 {before}，之后是 {after}。",
  ],
  batchRest: [" It is the rest of the epoch.", "它是这一轮剩下的部分。"],
  batchNext: [" The next batch has other images.", "下一批是另外的图像。"],
  examplesOf: [
    "{shown} of the batch’s {size} images, sorted by loss; the mean above is of all {size}. ",
    "这一批 {size} 张图像中的 {shown} 张，按损失从大到小排列；上面的平均值是全部 {size} 张的。",
  ],
  batchCopies: [
    " Copies of your drawings in it: {copies}.",
    "其中你写的数字的副本：{copies} 张。",
  ],
  wrongLabel: ["a wrong label", "标签是错的"],
  yours: ["yours", "你写的"],
  example: [
    "label {label}, probability {p}, loss {loss}",
    "标签 {label}，概率 {p}，损失 {loss}",
  ],
  oneWeight: [
    "For example the framed weight, of the pixel in row {row}, column {column}: the loss grows with it at the rate {gradient}, its gradient. So it moves by −learning rate × gradient / usual size of the gradient (RMSprop) = −{rate} × {gradient} / {usual} = {move}: from {before} to {after}.",
    "例如加框的权重，即第 {row} 行第 {column} 列像素的权重：它增大时，损失的变化率是 {gradient}，这就是它的梯度。所以它移动 −学习率 × 梯度 / 梯度的通常大小（RMSprop）= −{rate} × {gradient} / {usual} = {move}：从 {before} 到 {after}。",
  ],
  firstSteps: [
    " The usual size is a running root mean square that starts at 0: so it is too small in the first steps, and the moves are up to about three times the learning rate.",
    "梯度的通常大小是一个滑动的均方根，从 0 开始：所以最初几步里它偏小，移动的距离可达学习率的三倍左右。",
  ],
  taught: [
    "It is also trained on your drawings: {list}.",
    "它还在学习你写的数字：{list}。",
  ],
  taughtReady: [
    "Among its images: your drawings, {list}. Press Train: it learns from them, too.",
    "你写的数字也在它的图像中：{list}。按“训练”：它也会向它们学习。",
  ],
  taughtDigit: ["{n} of a {digit}", "{n} 个 {digit}"],
  taughtRandom: [
    " Your own network now reads above; its weights are still random.",
    "现在上面由你自己的网络识别；它的权重还是随机数。",
  ],
  taughtKept: [
    " Forget everything clears the weights, not the drawings.",
    "“全部忘掉”清除的是权重，不是这些数字。",
  ],
  yourNetwork: ["Your network: ", "你的网络："],
  reading: [
    "Your network reads your drawing as a {digit}, probability {p}.",
    "你的网络把你写的数字识别为 {digit}，概率 {p}。",
  ],
  readingImage: [
    "Your network reads this image as a {digit}, probability {p}.",
    "你的网络把这张图像识别为 {digit}，概率 {p}。",
  ],
  cannot: [
    "Training does not work in this browser: it needs one of 2023 or later that lets a page start a worker. The trained network still reads what you draw. ({reason})",
    "这个浏览器不能训练：需要 2023 年以后的浏览器，并允许网页启动 worker。训练好的网络仍可识别你写的数字。（{reason}）",
  ],
  accuracy: ["Accuracy", "准确率"],
  loss: ["Loss", "损失"],
  curve: [
    "{title}, epoch {epoch}: train {train}, test {test}",
    "{title}，第 {epoch} 轮：训练集 {train}，测试集 {test}",
  ],
  lowest: ["lowest", "最低"],
  noCurves: [
    "The curves begin after the first whole epoch. ",
    "第一轮全部结束之后，曲线才开始。",
  ],
  dots: [
    "Each dot in the loss is one single step: its batch’s mean loss before it.",
    "损失图中的每个点是单独走的一步：这一批图像在这一步之前的平均损失。",
  ],
  curveTrain: ["train", "训练集"],
  curveTest: ["test", "测试集"],
  epochs: ["{n} epochs", "{n} 轮"],
  model: ["Model", "模型"],
  tested: ["Test accuracy", "测试准确率"],
  testedText: [
    "{correct} of {tested} test images right: {accuracy}",
    "{tested} 张测试图像中识别正确 {correct} 张：{accuracy}",
  ],
  source: ["Images", "图像"],
  sourceText: [
    "{source}. In this page, in 16 grey levels: {train} training images and {test} test images.",
    "{source}。本页含 {train} 张训练图像和 {test} 张测试图像，16 级灰度。",
  ],
};

const find = (selector) => document.querySelector(selector);
const language = { chinese: prefersChinese() };

// The address may end in #zh or #en; otherwise the browser's language counts.
function prefersChinese() {
  const parts = location.hash.slice(1).split("&");
  if (parts.includes("zh") || parts.includes("en")) return parts.includes("zh");
  return navigator.language.startsWith("zh");
}

function say(name, values = {}) {
  const text = TEXTS[name][language.chinese ? 1 : 0];
  return text
    .replace(/{(\w+)}/g, (_, key) => values[key])
    .replace(/\ba (?=8\b)/g, "an ");
}

const number = (n) => n.toLocaleString(language.chinese ? "zh-CN" : "en");

// What stands in page.html: [how to show it, its English].
const MARKUP = [
  ...Array.from(document.querySelectorAll("[data-text]"), (element) => [
    (text) => {
      element.textContent = text;
    },
    element.textContent.trim().replace(/[ \n]+/g, " "),
  ]),
  ...Array.from(document.querySelectorAll("[data-name]"), (element) => [
    (text) => element.setAttribute("aria-label", text),
    element.getAttribute("aria-label"),
  ]),
];

function translateMarkup() {
  const { chinese } = language;
  document.documentElement.lang = chinese ? "zh-CN" : "en";
  for (const [show, english] of MARKUP) show((chinese && CHINESE[english]) || english);
  const link = find("#language");
  link.textContent = chinese ? "English" : "中文";
  link.lang = chinese ? "en" : "zh-CN";
}
