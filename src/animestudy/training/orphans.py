"""A worker that outlives its parent would train on for nobody: it ends itself instead.

Nothing heavy is imported here, since a worker watches from its very start, before it loads any job.
"""

import os
import threading
import time


def end_with(parent: int) -> None:
    """From now on end this process within a second after its parent `parent` (a process id) is gone.

    Ctrl-C reaches the workers through joblib; this is for a parent that is killed, as Jupyter kills kernels.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
