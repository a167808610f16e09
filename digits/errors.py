"""The one error a user is expected to cause, and so to be told about in one line."""


class UnusableInput(ValueError):
    """Something the user named cannot be used; the text says what and the way out.

    The command line turns it into one line on standard error and exit code 2.
    """
