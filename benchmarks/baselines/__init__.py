"""hello_mnist.py's network, trained with other libraries: each a program."""
