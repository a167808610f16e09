"""PyTorch with a loop written by hand over shuffled indices."""

import numpy as np
import torch

from benchmarks.contenders import common


def new_model(hidden_units):
    """Return the network with Keras's first weights, its optimizer and its loss."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(784, hidden_units),
        torch.nn.ReLU(),
        torch.nn.Linear(hidden_units, 10),
    )
    for layer in (model[0], model[2]):
        torch.nn.init.xavier_uniform_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)
    return model, optimizer, torch.nn.CrossEntropyLoss()


def step(model, optimizer, loss, x, y):
    """Take one step of training."""
    optimizer.zero_grad(set_to_none=True)
    loss(model(x), y).backward()
    optimizer.step()


def reader(model):
    """Return the function from images to digits."""

    def read(images: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return model(torch.from_numpy(images)).argmax(dim=1).numpy()

    return read


def train(x, y, epochs, hidden_units):
    model, optimizer, loss = new_model(hidden_units)
    x, y = torch.from_numpy(x), torch.from_numpy(y.astype(np.int64))
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(common.BATCH_SIZE):
            step(model, optimizer, loss, x[batch], y[batch])
    return reader(model)


if __name__ == "__main__":
    common.run(train)
