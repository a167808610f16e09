"""hello_mnist.py once more, in NumPy alone: what `compile` and `fit` do, line by line.

The network, the loss, the optimizer and the batch size are the same, and so is the
result: about 98 % of the test images are read correctly. Read hello_mnist.py first.

    x ── w1, b1, relu ──> hidden ── w2, b2 ──> logits ── softmax ──> p
    (n, 784)              (n, 512)             (n, 10)               (n, 10)

Below each name stands the shape of its array; n is the number of images in a batch.

Run it: python from_scratch/hello_numpy.py, or cell by cell (# %%) in VS Code or Spyder.
It needs the folder `digits` of this project, and: pip install numpy requests
"""

# %% Libraries
import sys
from pathlib import Path

import numpy as np

# Where this project's `digits` may lie: one folder above this file's, or a notebook's
sys.path += [str(Path(sys.argv[0]).resolve().parent.parent), ".."]
from digits import load_data

# %% Settings (hyperparameters): change one, run all again, compare
epochs = 5  # passes over the training images
batch_size = 128  # images per step; each step changes the weights once
hidden_units = 512  # neurons in the hidden layer
learning_rate = 0.001  # a step soon moves a weight about this far
seed = 0  # 0, 1, 2, ...: for the first weights and the order of the images


# %% The first parameters: weights are random numbers, biases are 0
# With all weights equal, the hidden neurons would stay equal. So the weights start as
# random numbers, equally likely between -limit and limit. Their variance is limit² / 3.
# A neuron adds up many products; the more there are, the smaller limit is, so that the
# sums stay moderate: in the forward pass (inputs) and in the backward pass (outputs).
# (Glorot and Bengio 2010. The same distribution as Keras's, other random numbers.)
def first_weights(rng, inputs, outputs):
    limit = np.sqrt(6 / (inputs + outputs))
    return rng.uniform(-limit, limit, (inputs, outputs)).astype(np.float32)


def first_parameters(rng, hidden_units=hidden_units):
    """Return [w1, b1, w2, b2]: weights and biases of both layers, float32."""
    w1, b1 = first_weights(rng, 784, hidden_units), np.zeros(hidden_units, np.float32)
    w2, b2 = first_weights(rng, hidden_units, 10), np.zeros(10, np.float32)
    return [w1, b1, w2, b2]


# %% Forward pass: from the images to ln p, the logarithms of the probabilities
def forward(parameters, x):
    """Return hidden (n, units) and ln p (n, 10) for images x, (n, 784), 0.0 to 1.0."""
    w1, b1, w2, b2 = parameters

    # Each neuron of the hidden layer: the sum of (input times weight), plus its bias.
    # relu, the activation function: what is below 0 becomes 0.
    # (n, 784) @ (784, 512) + (512,) -> (n, 512)
    hidden = np.maximum(x @ w1 + b1, 0)

    # The same without relu: ten results for each image, called logits.
    # (n, 512) @ (512, 10) + (10,) -> (n, 10)
    logits = hidden @ w2 + b2

    # softmax: p = e^z / S for each logit z, and S is the sum of all ten e^z. Therefore
    # ln p = z - ln S. Subtracting the largest logit from all ten divides each e^z and S
    # by the same number: no p changes, and no e^z becomes too large for a float32.
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return hidden, log_p


# %% How wrong? The loss, and how it changes with each logit
# The loss of an image, the cross-entropy, is -ln p of its true digit: ln S minus the
# logit of the true digit, as ln p = z - ln S. How fast does it grow with each logit?
#   - ln S grows with a logit z at the rate e^z / S. That is p, its own probability.
#   - What is subtracted is the true digit's logit alone: there the rate is -1.
# Together the rates are p - 1 for the true digit and p for the others; in short, p - y,
# with y = 1 and y = 0. If there were three digits, p = (0.7, 0.2, 0.1) and the second
# true, they would be (0.7, -0.8, 0.1): the loss falls if the true logit rises and the
# others fall, the most where p is most wrong.
def d_loss(log_p, y):
    """Return d_logits (n, 10): how fast the mean loss grows with each logit.

    log_p is what `forward` returns, y are the n true digits.
    """
    n = len(y)
    d_logits = np.exp(log_p)  # p, (n, 10)
    d_logits[np.arange(n), y] -= 1  # in each row, in the column of the true digit
    return d_logits / n  # of n images, each has 1/n of the mean loss


# %% Backward pass: how the loss changes with each parameter
# The chain rule: a small change of a weight changes the number after it, this one the
# next, and so on up to the loss; the rates multiply. We go from the logits, whose rates
# d_logits we have, back to the weights and biases: this is called backpropagation. The
# rates of all parameters together are the gradient.
def backward(parameters, x, hidden, d_logits):
    """Return [d_w1, d_b1, d_w2, d_b2], the gradient; shapes as in parameters."""
    _, _, w2, _ = parameters

    # logit j contains hidden i times w2[i, j]: the rate for w2[i, j] is hidden i times
    # d_logits j, summed over the images. (512, n) @ (n, 10) -> (512, 10)
    d_w2 = hidden.T @ d_logits
    d_b2 = d_logits.sum(axis=0)  # a bias is added as it is: rate 1. (10,)

    # hidden i acts on all ten logits, by its ten weights w2[i]: add up the ten ways.
    # (n, 10) @ (10, 512) -> (n, 512)
    d_hidden = d_logits @ w2.T
    d_hidden *= hidden > 0  # where relu has set a 0, a small change changes nothing

    d_w1 = x.T @ d_hidden  # as for d_w2: (784, n) @ (n, 512) -> (784, 512)
    d_b1 = d_hidden.sum(axis=0)  # (512,)
    return [d_w1, d_b1, d_w2, d_b2]


# %% Step: RMSprop, the optimizer
# The plainest step is w = w - learning_rate * d. RMSprop also divides d by its usual
# size: the root of a moving mean of d², nine parts as it was, one part new.
#     mean_square = 0.9 * mean_square + 0.1 * d²
#     w = w - learning_rate * d / sqrt(mean_square + 1e-7)
# So a weight whose d is usually 0.4 and one whose d is usually 0.004 both move by about
# learning_rate. The 1e-7, as in Keras, prevents a division by 0. As it stands under the
# root, it also sets a limit: a d far below sqrt(1e-7) = 0.0003 is divided by 0.0003,
# not by its usual size, and its weight moves less: late in the training most weights.
# (Tieleman and Hinton 2012, lecture 6.5. mean_square starts at 0, so after one step it
# is only 0.1 d²: the first step is up to sqrt(10) = 3.2 times learning_rate.)
def rmsprop(parameters, mean_squares, gradient):
    """Change the arrays in parameters and mean_squares, by one step."""
    for w, mean_square, d in zip(parameters, mean_squares, gradient):
        mean_square *= 0.9
        mean_square += 0.1 * d**2
        w -= learning_rate * d / np.sqrt(mean_square + 1e-7)


# %% Measure
def evaluate(parameters, x, y):
    """Return the mean loss and the accuracy for images x and their digits y."""
    log_p = forward(parameters, x)[1]
    loss = -log_p[np.arange(len(y)), y].mean()
    accuracy = (log_p.argmax(axis=1) == y).mean()  # the largest p is the prediction
    return loss, accuracy


# %% Train: two loops and five actions, the heart of `fit`
if __name__ == "__main__":  # not where another program imports the functions above
    (train_images, train_labels), (test_images, test_labels) = load_data()
    print(f"{len(train_images):,} training images, {len(test_images):,} test images")
    x_train = train_images.reshape(-1, 784).astype(np.float32) / 255
    x_test = test_images.reshape(-1, 784).astype(np.float32) / 255
    n = len(x_test)  # as many training images are enough to measure on

    rng = np.random.default_rng(seed)
    parameters = first_parameters(rng)
    mean_squares = [np.zeros_like(w) for w in parameters]
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(x_train))  # each epoch its own order of the images
        for start in range(0, len(x_train), batch_size):
            batch = order[start : start + batch_size]  # 1. take a batch
            x, y = x_train[batch], train_labels[batch]
            hidden, log_p = forward(parameters, x)  # 2. forward pass: what does it say?
            d_logits = d_loss(log_p, y)  # 3. compare: which logits are wrong?
            gradient = backward(parameters, x, hidden, d_logits)  # 4. backward pass
            rmsprop(parameters, mean_squares, gradient)  # 5. change the parameters
        loss, accuracy = evaluate(parameters, x_test, test_labels)
        print(f"Epoch {epoch}: test accuracy {accuracy:.4f}, loss {loss:.4f}")

    _, train_accuracy = evaluate(parameters, x_train[:n], train_labels[:n])
    _, test_accuracy = evaluate(parameters, x_test, test_labels)
    print(f"Accuracy: train {train_accuracy:.4f}, test {test_accuracy:.4f}")
