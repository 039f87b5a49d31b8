"""The one exception that a user's mistake raises."""


class StudyError(Exception):
    """Bad input or a wrong parameter: the message is one line that names the file or key and what to do.

    The command line prints the message alone and exits with 2; a traceback would only hide it.
    """
