"""PyTorch: a loop over shuffled indices; with --loader over a DataLoader."""

import sys

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.baselines import common


def train(x, y):
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(784, common.HIDDEN_UNITS),
        torch.nn.ReLU(),
        torch.nn.Linear(common.HIDDEN_UNITS, 10),
    )
    for layer in (model[0], model[2]):  # as Keras initialises them
        torch.nn.init.xavier_uniform_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)
    loss = torch.nn.CrossEntropyLoss()

    x, y = torch.from_numpy(x), torch.from_numpy(y.astype(np.int64))
    loader = DataLoader(TensorDataset(x, y), common.BATCH_SIZE, shuffle=True)
    for _ in range(common.EPOCHS):
        order = torch.randperm(len(x)).split(common.BATCH_SIZE)
        own_loop = ((x[i], y[i]) for i in order)
        batches = loader if "--loader" in sys.argv else own_loop
        for images, labels in batches:
            optimizer.zero_grad()
            loss(model(images), labels).backward()
            optimizer.step()

    @torch.no_grad()
    def predict(images):
        return model(torch.from_numpy(images)).argmax(dim=1)

    return predict


if __name__ == "__main__":
    common.run(train)
