"""hello_mnist.py in scikit-learn (pip install scikit-learn): one call trains it all."""

import sys
import warnings
from pathlib import Path

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the project's folder
from digits import load_data

# Settings, as in hello_mnist.py
epochs, batch_size, hidden_units, learning_rate, seed = 5, 128, 512, 0.001, 0

# Data
(x_train, y_train), (x_test, y_test) = load_data()
x_train = x_train.reshape(-1, 784).astype("float32") / 255
x_test = x_test.reshape(-1, 784).astype("float32") / 255

# Model. scikit-learn sees from the labels that it needs ten outputs and softmax. It has
# no RMSprop, so this is another training: by Adam, its default optimizer. (alpha=0: the
# loss is the cross-entropy alone; by default large weights count as well.)
model = MLPClassifier(
    hidden_layer_sizes=(hidden_units,),
    batch_size=batch_size,
    learning_rate_init=learning_rate,
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
