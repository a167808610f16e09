"""What moves the parameters against their gradients. Both change them in place."""

import numpy as np

from from_scratch.network import Parameters


def gradient_descent(
    parameters: Parameters, gradients: Parameters, learning_rate: float
) -> None:
    """Take one step of plain gradient descent: w -= learning_rate * g."""
    for name, weights in parameters.items():
        weights -= learning_rate * gradients[name]


class RMSprop:
    """RMSprop with the formula and the defaults of keras.optimizers.RMSprop.

        v = rho * v + (1 - rho) * g²
        w = w - learning_rate * g / sqrt(v + epsilon)

    Tieleman and Hinton 2012, "Neural Networks for Machine Learning", lecture 6.5; that
    epsilon stands below the root is Keras's choice.
    """

    def __init__(self, parameters: Parameters, learning_rate: float = 0.001):
        self.parameters = parameters
        self.learning_rate, self.rho, self.epsilon = learning_rate, 0.9, 1e-7
        self.velocities = {name: np.zeros_like(w) for name, w in parameters.items()}

    def step(self, gradients: Parameters) -> None:
        """Move the parameters, of the same names and shapes as their gradients."""
        for name, weights in self.parameters.items():
            g, v = gradients[name], self.velocities[name]
            v *= self.rho
            v += (1 - self.rho) * g**2
            weights -= self.learning_rate * g / np.sqrt(v + self.epsilon)
