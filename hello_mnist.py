"""Deep learning's "hello world": teach a small network to read handwritten digits.

MNIST holds 60,000 images of digits to learn from and 10,000 to be tested on, 28×28
grey pixels each. The network sees them as 784 numbers, has one hidden layer, and
answers with ten probabilities. Within a minute or so it reads 98 of 100 test images.
"""

import time

from digits import command_line

EPOCHS = 5  # rounds through all training images
BATCH_SIZE = 128  # images the network looks at before each correction
HIDDEN_UNITS = 512
OPTIMIZER = "rmsprop"
AT_ONCE = 500  # images measured at once: changes the speed, not the result


def main(options):
    start = time.perf_counter()
    with command_line.quiet_startup(options):
        import keras

    from digits import dataset, devices, drawing, measures, results

    say = command_line.printer(options.quiet)

    # ---- Data ------------------------------------------------------------------------
    # Images arrive as uint8 (n, 28, 28), labels as uint8 (n,). The network wants a flat
    # row of small numbers: 784 values of float32 from 0.0 (paper) to 1.0 (ink).

    data = dataset.load(options.data)
    options.epochs = options.epochs or data.epochs(EPOCHS)
    x_train = keras.ops.cast(data.x_train.reshape(-1, 784), "float32") / 255
    x_test = keras.ops.cast(data.x_test.reshape(-1, 784), "float32") / 255
    y_train, y_test = data.y_train, data.y_test
    say(data.describe())
    say(command_line.describe(options))

    # ---- Model -----------------------------------------------------------------------
    # relu: a hidden unit passes on what is above zero. softmax: ten outputs that are
    # positive and add up to 1, one probability for each digit.

    keras.utils.set_random_seed(options.seed)  # the same first weights in every run
    model = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(options.hidden_units, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.summary(print_fn=say)
    files = results.prepare(  # now, as a full disk is best found before the training
        options.output_dir,
        data.run_name("hello_mnist"),
        ("digits", "accuracy", "mistakes", "confusion"),
        model.count_params(),
    )

    # ---- Compile ---------------------------------------------------------------------
    # The loss is the surprise at the true label; the optimizer is how the weights move
    # to make it smaller; accuracy is for us to look at.

    model.compile(
        optimizer=options.optimizer,
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    # On all devices there are, and with 94 steps between looks at the progress bar.
    model = devices.share(model, steps=94)

    # ---- Fit -------------------------------------------------------------------------
    # After each epoch Keras measures the test images (val_accuracy), and we measure the
    # training images with the same weights, so that the two can be compared.

    train = []
    measure_train = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: train.append(
            model.evaluate(x_train, y_train, AT_ONCE, verbose=0)
        )
    )
    fit_start = time.perf_counter()
    history = model.fit(
        x_train,
        y_train,
        epochs=options.epochs,
        batch_size=options.batch_size,
        validation_data=(x_test, y_test),
        validation_batch_size=AT_ONCE,
        callbacks=[measure_train],
        verbose=0 if options.quiet else 1,
    ).history
    fit_seconds = time.perf_counter() - fit_start
    test = zip(history["val_loss"], history["val_accuracy"], strict=True)
    epochs = [measures.Epoch(*a, *b) for a, b in zip(train, test, strict=True)]
    say(measures.epoch_table(epochs))

    # ---- Evaluate --------------------------------------------------------------------
    # Ten test images first, to see what an answer looks like; then all of them.

    first = model.predict(x_test[:10], verbose=0)
    say(f"\nFirst {len(first)} test images, read: ", *first.argmax(axis=1))
    say(f"First {len(first)} test images, true: ", *y_test[:10])
    say("Probabilities for the very first:")
    for digit, probability in enumerate(first[0]):
        say(f"  {digit}  {probability:.6f}")
    say(f"It is read as {first[0].argmax()}; its true label is {y_test[0]}.")

    loss, accuracy = model.evaluate(x_test, y_test, AT_ONCE, verbose=0)
    say(f"\nAll {len(x_test):,} test images: accuracy {accuracy:.4f}, loss {loss:.4f}")

    if not devices.leads():  # of several machines, one is enough to draw and save
        return

    # ---- Look ------------------------------------------------------------------------
    # Where does it go wrong, and how sure was it?

    probabilities = model.predict(x_test, AT_ONCE, verbose=0)
    predicted = probabilities.argmax(axis=1)
    misread = measures.find_misread(
        y_test, predicted, probabilities.max(axis=1), data.test_names
    )
    say(measures.misread_table(misread, most=10))

    run_title = f"hello_mnist on {data.title}"
    with results.all_or_none(files) as unfinished:
        plots = unfinished.plots
        drawing.digit_grid(data.x_train, y_train, data.title, plots["digits"])
        drawing.accuracy_curves(epochs, run_title, plots["accuracy"])
        drawing.mistakes(data.x_test, misread, run_title, plots["mistakes"])
        drawing.confusion(y_test, predicted, run_title, plots["confusion"])

        # ---- Save --------------------------------------------------------------------
        # The model, and a record of how it came about. Whoever loads the model must
        # bring images into the same form: 784 values from 0.0 to 1.0.

        model.save(unfinished.model)
        results.write_record(
            unfinished,
            files.model.name,
            model_input="float32 (n, 784): pixels divided by 255, 0.0 to 1.0",
            model_output="float32 (n, 10): the probability of each digit",
            data=data,
            options=options,
            epochs=epochs,
            misread=misread,
            seconds={"fit": fit_seconds, "run": time.perf_counter() - start},
        )
    say("\nWritten:", *files.paths(), sep="\n  ", end="\n\n")
    print(measures.closing_line(run_title, epochs[-1], len(misread), len(x_test)))


if __name__ == "__main__":
    command_line.run_lesson(
        main,
        __doc__,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        hidden_units=HIDDEN_UNITS,
        optimizer=OPTIMIZER,
    )
