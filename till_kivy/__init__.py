"""The till: it sells on when everything else is gone, and writes down what it did first."""
