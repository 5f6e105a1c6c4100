"""x"""


def say(x):
    return str(x)
