"""The one error that a user is expected to cause."""


class InputError(ValueError):
    """Something the user named cannot be used; the message names the problem.

    `digits.cli` prints it as one line on standard error; the exit code is 2.
    """
