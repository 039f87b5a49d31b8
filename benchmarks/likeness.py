"""How near a generator's drawings of real photographs are to real drawings, on pictures it has not seen.

``python benchmarks/likeness.py NAME --photos data/P --anime data/A --features WEIGHTS GENERATOR…`` writes
``reports/real/NAME.json``: a row for the photographs themselves, for the first generator before its training
and for each generator, with 95 % intervals over the photographs. GENERATOR is what `animestudy convert
--model` takes, or TITLE=FILE. The features are those of torchvision's SqueezeNet 1.0 (a state dict trained on
ImageNet), which the content term saw in training, and random filters, which nothing saw. Where a generator
displaces faces: how much larger eyes get, and whether anything moves outside the face.
"""

import argparse
import json
import shlex
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from animestudy.checksum import checksum
from animestudy.convert import generator
from animestudy.data import chain, collection
from animestudy.data.tensors import to_tensor
from animestudy.losses.content import features
from animestudy.measures import suite
from animestudy.models import archive, generators
from animestudy.models.afgan import AFGAN, warped
from animestudy.paths import ROOT
from animestudy.stats.trends import Estimate, two_level
from animestudy.training import machine
from animestudy.training.scenes import drawn

UNSEEN = ["val", "test"]
MOST = 2000  # pictures of a kind
SHOWN = ("kid", "spectral", "content", "colour", "diversity", "memory")
FOUND = 4.0  # pixels of an eye below which a face counts as not found


def digits(estimate: Estimate) -> list[float]:
    """Value, lower and upper end, three digits."""
    return [float(f"{part:.3g}") for part in estimate]


def untrained(file: Path, trained: nn.Module) -> nn.Module:
    """The generator in `file` as it was before its first step, but with the network that finds faces."""
    content = archive.load(file)
    torch.manual_seed(0)
    network = generators.GENERATORS[content["network"]](**content["options"])
    if hasattr(network, "guide"):
        network.guide.load_state_dict(trained.guide.state_dict())
    return network.eval()


@torch.inference_mode()
def eyes(network: AFGAN, photographs: np.ndarray) -> dict[str, object]:
    """Area of the eyes after the displacement over that before, of faces whose eyes are found; leaks."""
    factors, leaks = [], []
    for photograph in photographs:
        x = to_tensor(photograph[None])
        maps = torch.sigmoid(network.guide(x))
        flow = network(x, look=True).flow
        before, after = (float(part[:, 1].sum()) for part in (maps, warped(maps, flow)))
        if before >= FOUND:
            factors.append(after / before)
        leaks.append(float((flow.norm(dim=1) * (maps[:, 0] < 0.05)).mean()))
    return {
        "faces": len(factors),
        "enlarged": int(sum(factor > 1.1 for factor in factors)),
        "factor": digits(two_level(np.array([factors]))),
        "displacement_outside_px": float(f"{np.mean(leaks):.1g}"),
    }


def rows(
    yardstick: suite.Yardstick, converted: dict[str, list[np.ndarray]]
) -> dict[str, dict[str, list[float]]]:
    """Name → measure → estimate; for KID and spectrum also that of the difference to the first two names."""
    table = suite.measures(converted, yardstick, threads=1)
    names = list(converted)
    found = {name: {m: digits(two_level(suite.values(table, name, m))) for m in SHOWN} for name in names}
    for name in names[2:]:
        for other in names[:2]:
            found[name] |= {
                f"{m} minus {other}": digits(suite.gain(table, m, name, other)) for m in ("kid", "spectral")
            }
    return found


def main() -> None:
    """Measure and write."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("name", metavar="NAME", help="of the file in reports/real")
    words.add_argument("generators", metavar="GENERATOR", nargs="+")
    words.add_argument("--photos", required=True, metavar="data/P")
    words.add_argument("--anime", required=True, metavar="data/A")
    words.add_argument("--styles", nargs="+", default=[], metavar="STYLE", help="of the drawings (all)")
    words.add_argument(
        "--split",
        nargs="+",
        choices=UNSEEN,
        default=UNSEEN,
        help="of the photographs: choose weights by val, report them by test (both)",
    )
    words.add_argument("--features", required=True, metavar="WEIGHTS", help="of SqueezeNet 1.0")
    args = words.parse_args()
    machine.deterministic(1)
    photos, anime = collection.load(args.photos), collection.load(args.anime)
    style = {"style": args.styles} if args.styles else {}

    def pictures(source: collection.Collection, **where: object) -> np.ndarray:
        return np.asarray(source.images[chain.draw(source, MOST, 0, **where)])

    held = pictures(photos, domain="photo", split=args.split)
    unseen, seen = (pictures(anime, domain="anime", split=split, **style) for split in (UNSEEN, "train"))
    files = {
        title: generator.found(name)
        for title, _, name in (word.rpartition("=") for word in args.generators)
        for title in [title or Path(name).stem]
    }
    trained = {title: generators.load(file)[0] for title, file in files.items()}
    first = next(iter(files))
    networks = {"untrained": untrained(files[first], trained[first]), **trained}
    converted = {"photographs": [held]} | {title: [drawn(n, held)] for title, n in networks.items()}
    judges = {"squeezenet": {"network": "squeezenet", "weights": args.features}, "random filters": {}}
    said = shlex.join(sys.argv[1:]).replace(args.features, Path(args.features).name)
    document = {
        "command": f"python benchmarks/likeness.py {said}",
        "inputs": {title: checksum(file) for title, file in files.items()}
        | {folder: source.card["sha256"] for folder, source in ((args.photos, photos), (args.anime, anime))},
        "pictures": {
            "photographs": len(held),
            "unseen drawings": len(unseen),
            "training drawings": len(seen),
        },
    }
    for judge, choice in judges.items():
        yardstick = suite.Yardstick(held, unseen, seen, features=features(**choice))
        floors = {name: float(f"{value:.3g}") for name, value in yardstick.floors().items()}
        document[judge] = {"floors": floors, **rows(yardstick, converted)}
    document["eyes"] = {title: eyes(n, held) for title, n in networks.items() if isinstance(n, AFGAN)}
    target = ROOT / "reports/real" / f"{args.name}.json"
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
