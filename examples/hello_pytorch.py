"""hello_mnist.py in PyTorch (pip install torch): what `fit` does is written out.

Run it from the project's folder: python -m benchmarks.pytorch
"""

import torch

from digits import load_data

# Settings, as in hello_mnist.py
epochs, batch_size, hidden_units, seed = 5, 128, 512, 0

# Data: tensors, PyTorch's arrays. A loss in PyTorch takes labels as 64-bit integers.
(x_train, y_train), (x_test, y_test) = load_data()
x_train, x_test = (
    torch.from_numpy(x).reshape(-1, 784) / 255 for x in (x_train, x_test)
)
y_train, y_test = (torch.from_numpy(y).long() for y in (y_train, y_test))

# Model. There is no softmax at the end: it is part of the loss. (PyTorch draws the
# first weights from a narrower range than Keras.)
torch.manual_seed(seed)
model = torch.nn.Sequential(
    torch.nn.Linear(784, hidden_units),
    torch.nn.ReLU(),
    torch.nn.Linear(hidden_units, 10),
)
loss_function = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.RMSprop(model.parameters(), lr=0.001, alpha=0.9, eps=1e-7)

# Train: in each epoch through all images, in a new order, batch by batch
for epoch in range(1, epochs + 1):
    for batch in torch.randperm(len(x_train)).split(batch_size):
        loss = loss_function(model(x_train[batch]), y_train[batch])
        optimizer.zero_grad()  # else the new gradients are added to the old ones
        loss.backward()  # computes the gradient of the loss by each weight
        optimizer.step()  # changes each weight a little the other way
    print(f"Epoch {epoch}: loss of the last batch {loss.item():.4f}")

# Evaluate
with torch.no_grad():  # no gradients are needed any more
    predictions = model(x_test).argmax(dim=1)
accuracy = (predictions == y_test).float().mean().item()
print(f"Accuracy: test {accuracy:.4f}")
