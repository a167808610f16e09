"""hello_mnist.py in scikit-learn (pip install scikit-learn): one call trains it all.

Run it from the project's folder: python -m benchmarks.sklearn (a script imports itself)
"""

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from digits import load_data

# Settings, as in hello_mnist.py
epochs, batch_size, hidden_units, seed = 5, 128, 512, 0

# Data
(x_train, y_train), (x_test, y_test) = load_data()
x_train = x_train.reshape(-1, 784).astype("float32") / 255
x_test = x_test.reshape(-1, 784).astype("float32") / 255

# Model. scikit-learn sees from the labels that it needs ten outputs and softmax. It has
# no RMSprop; Adam, its default optimizer, is the nearest. alpha=0: no weight decay.
model = MLPClassifier(
    hidden_layer_sizes=(hidden_units,),
    batch_size=batch_size,
    max_iter=epochs,
    alpha=0,
    random_state=seed,
    verbose=True,  # prints the loss after each epoch
)

# Train. It would go on until the loss hardly falls, and warns that we end before.
warnings.simplefilter("ignore", ConvergenceWarning)
model.fit(x_train, y_train)

# Evaluate
print(f"Accuracy: test {model.score(x_test, y_test):.4f}")
