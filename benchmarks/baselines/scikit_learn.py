"""scikit-learn's MLPClassifier. It has no RMSprop, so it uses Adam."""

from sklearn.neural_network import MLPClassifier

from benchmarks.baselines import common


def train(x, y):
    model = MLPClassifier(
        (common.HIDDEN_UNITS,),
        batch_size=common.BATCH_SIZE,
        max_iter=common.EPOCHS,
        alpha=0,
        random_state=0,
    )
    model.fit(x, y)
    return model.predict


if __name__ == "__main__":
    common.run(train)
