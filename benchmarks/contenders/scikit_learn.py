"""scikit-learn's MLPClassifier; it has no RMSprop, so that it uses Adam."""

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.contenders import common


def train(x, y, epochs, hidden_units):
    model = MLPClassifier(
        (hidden_units,),
        solver="adam",
        batch_size=common.BATCH_SIZE,
        max_iter=epochs,
        alpha=0,
        random_state=0,
    )
    warnings.simplefilter("ignore", ConvergenceWarning)  # five epochs is what we want
    model.fit(x, y)
    return model.predict


if __name__ == "__main__":
    common.run(train)
