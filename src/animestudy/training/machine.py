"""What a training needs from the machine: a device, repeatable arithmetic, a fixed number of threads."""

import os

import torch
from lightning_fabric import Fabric


def deterministic(threads: int) -> None:
    """From here on this process computes with `threads` threads and repeatable algorithms only.

    The last digits of a training depend on the number of threads (sums are split differently), so it is a
    parameter of the study and not a property of the machine.
    """
    # cuBLAS reads this when its first handle is made; without it matrix products on a GPU may not repeat
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    # else new memory is filled before it is written: a tenth of the time, against a mistake that no one makes
    torch.utils.deterministic.fill_uninitialized_memory = False
    torch.backends.cudnn.benchmark = False


def fabric(device: str = "auto", precision: str = "32-true") -> Fabric:
    """One device: "cpu", "cuda" or "auto" (a GPU where there is one). `precision` as Fabric names it."""
    chosen = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    return Fabric(accelerator=chosen, devices=1, precision=precision)
