"""PyTorch as its tutorials write it: the loop over a DataLoader."""

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.contenders import common
from benchmarks.contenders.torch_loop import new_model, reader, step


def train(x, y, epochs, hidden_units):
    model, optimizer, loss = new_model(hidden_units)
    data = TensorDataset(torch.from_numpy(x), torch.from_numpy(y.astype(np.int64)))
    loader = DataLoader(data, batch_size=common.BATCH_SIZE, shuffle=True)
    for _ in range(epochs):
        for images, labels in loader:
            step(model, optimizer, loss, images, labels)
    return reader(model)


if __name__ == "__main__":
    common.run(train)
