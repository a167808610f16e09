"""hello_mnist.py in PyTorch (pip install torch): what `fit` does is written out."""

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the project's folder
from digits import load_data

# Settings, as in hello_mnist.py
epochs, batch_size, hidden_units, learning_rate, seed = 5, 128, 512, 0.001, 0

# Data: tensors, PyTorch's arrays. A loss in PyTorch takes labels as 64-bit integers.
(x_train, y_train), (x_test, y_test) = load_data()
x_train = torch.from_numpy(x_train).reshape(-1, 784) / 255
x_test = torch.from_numpy(x_test).reshape(-1, 784) / 255
y_train, y_test = torch.from_numpy(y_train).long(), torch.from_numpy(y_test).long()


# Model. There is no softmax at the end: it is part of the loss. (Unlike in Keras, the
# first weights come from a narrower range, and the biases are random, too.)
class Network(torch.nn.Module):  # parameters and forward pass; hello_numpy: functions
    def __init__(self):  # makes the layers, with random weights
        super().__init__()
        self.hidden = torch.nn.Linear(784, hidden_units)
        self.output = torch.nn.Linear(hidden_units, 10)

    def forward(self, x):  # the forward pass: model(x) calls it
        return self.output(torch.relu(self.hidden(x)))


torch.manual_seed(seed)
model = Network()  # or, shorter: torch.nn.Sequential(Linear, ReLU, Linear)
loss_function = torch.nn.CrossEntropyLoss()
# PyTorch divides the gradient by sqrt(mean square) + eps, Keras by the square root of
# (mean square + 1e-7). With this eps very small gradients count about as much in both.
optimizer = torch.optim.RMSprop(
    model.parameters(), lr=learning_rate, alpha=0.9, eps=1e-7**0.5
)

# Train: in each epoch through all images, in a new order, batch by batch
for epoch in range(1, epochs + 1):
    for batch in torch.randperm(len(x_train)).split(batch_size):
        loss = loss_function(model(x_train[batch]), y_train[batch])
        optimizer.zero_grad()  # else the new gradients are added to the old ones
        loss.backward()  # computes the gradient of the loss: a number for each weight
        optimizer.step()  # moves each weight a little in the opposite direction
    print(f"Epoch {epoch}: loss of the last batch {loss.item():.4f}")

# Evaluate
with torch.no_grad():  # no gradients are needed any more
    predictions = model(x_test).argmax(dim=1)
accuracy = (predictions == y_test).float().mean().item()
print(f"Accuracy: test {accuracy:.4f}")
