"""`animestudy`: the study's command line. Each verb's code lives with its subject; here are the words."""

import argparse
import sys

from animestudy.errors import StudyError


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="animestudy", description="Tools of the anime-style study.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    check = verbs.add_parser("check", help="validate params.yaml (or another file)")
    check.add_argument("file", nargs="?", default="params.yaml")
    check.set_defaults(run=run_check)

    for name, run, words in (
        ("repro", run_repro, "run the study; what is up to date is not run again"),
        ("report", run_report, "render the report and say where it is"),
    ):
        verb = verbs.add_parser(name, help=words)
        verb.add_argument("--profile", default="default", help="default, or a file of profiles/ without .txt")
        verb.set_defaults(run=run)
    verbs.choices["report"].add_argument(
        "--pdf", action="store_true", help="print it as well (needs Chromium)"
    )
    verbs.choices["repro"].add_argument(
        "stages", nargs="*", metavar="STAGE", help="only these stages of dvc.yaml"
    )

    keep = verbs.add_parser("keep", help="put a profile's numbers on real data where the claims read them")
    keep.add_argument("stages", nargs="+", metavar="STAGE", help="stages of dvc.yaml that have run")
    keep.add_argument("--profile", default="real", help="a file of profiles/ without .txt (real)")
    keep.set_defaults(run=run_keep)

    verify = verbs.add_parser("verify", help="run the smoke profile twice and compare every byte")
    verify.add_argument("--accept", action="store_true", help="hold these headline numbers from now on")
    verify.set_defaults(run=run_verify)

    add_render(verbs.add_parser("render", help="draw a picture of the atelier, or a contact sheet"))

    add_import(verbs.add_parser("import", help="pack a folder of pictures into a collection"))

    add_fetch(verbs.add_parser("fetch", help="download the pictures that a table of yours names"))

    add_classify(verbs.add_parser("classify", help="name the style or state of mind of your own pictures"))

    add_convert(verbs.add_parser("convert", help="turn pictures into drawings with a trained generator"))

    add_export(verbs.add_parser("export", help="write a generator as ONNX, for other programs"))

    add_train_style(verbs.add_parser("train-style", help="train the style classifier on a collection"))

    add_train_gan(verbs.add_parser("train-gan", help="train a photo-to-anime network on two folders"))

    add_serve(verbs.add_parser("serve", help="a page on which pictures and clips become drawings"))

    lab = verbs.add_parser("lab", help="open the notebooks in JupyterLab, the data drawn first")
    lab.set_defaults(run=run_lab)
    return top


def add_render(verb: argparse.ArgumentParser) -> None:
    """The words of `animestudy render`."""
    verb.description = (
        "Draw a picture of the atelier: a scene or a portrait, in one of five anime styles or as a photo, in "
        "a painter's state of mind. The same words give the same picture at any size."
    )
    verb.epilog = "A sheet of everything: animestudy render --style all --psychology all --size 192 all.png"
    styles = ("cel", "watercolour", "ink", "gouache", "screentone", "all")
    states = ("neutral", "resolute", "tranquil", "anxious", "melancholic", "joyful", "all")
    verb.add_argument("out", metavar="OUT", help="the file to write: .png, .jpg or .webp")
    verb.add_argument("--kind", choices=("scene", "portrait"), default="scene")
    verb.add_argument("--domain", choices=("anime", "photo"), default="anime")
    verb.add_argument("--style", choices=styles, default="", help="of an anime picture (cel); all: rows")
    verb.add_argument("--psychology", choices=states, default="neutral", help="all: columns")
    verb.add_argument("--seed", type=int, default=0, help="which composition (0)")
    verb.add_argument(
        "--count", type=int, default=1, help="a contact sheet of this many seeds, from --seed on"
    )
    verb.add_argument("--size", type=int, default=512, help="side of each picture in pixels (512)")
    verb.add_argument("--local", type=float, default=1.0, help="strength of the mood in the lines, 0 … 2 (1)")
    verb.add_argument(
        "--overall", type=float, default=1.0, help="its strength in composition, palette and light, 0 … 2 (1)"
    )
    verb.add_argument("--decoy", action="store_true", help="allow the seal that no label depends on")
    verb.add_argument("--force", action="store_true", help="replace an existing file")
    verb.set_defaults(run=run_render)


def add_import(verb: argparse.ArgumentParser) -> None:
    """The words of `animestudy import`."""
    verb.description = (
        "Pack the pictures below FOLDER (a folder for each class, a flat folder, or one with metadata.csv) "
        "into a collection. Near copies are found and never cross a split. "
        "Exit status: 0 all packed, 1 some refused."
    )
    verb.add_argument("folder", metavar="FOLDER")
    verb.add_argument(
        "--out", required=True, metavar="data/NAME", help="the collection (from the study's root)"
    )
    verb.add_argument("--domain", choices=("photo", "anime"), default="")
    verb.add_argument("--kind", choices=("scene", "portrait"), default="scene")
    verb.add_argument(
        "--label", choices=("style", "psychology", "none"), default="style", help="what names of folders mean"
    )
    verb.add_argument(
        "--group",
        choices=("none", "folder"),
        default="none",
        help="folder: pictures of one folder (a film, a painter) stay in one split",
    )
    verb.add_argument(
        "--as",
        dest="published",
        choices=("wikiart-emotions", "artemis", "artgan", "kaokore", "cuc2018", "animegan"),
        help="read the labels as this public set publishes them; a picture without a label is left out",
    )
    verb.add_argument("--labels", metavar="FILE", help="the label file of --as")
    verb.add_argument("--size", type=int, default=96, help="side in pixels (96)")
    verb.add_argument(
        "--crop",
        choices=("upper", "center", "squeeze", "stretch", "fit"),
        default="upper",
        help="the middle square, of upright pictures a higher one (upper); exactly the middle; up to 4:3 "
        "squeezed into the square; everything stretched; everything, padded with its mean colour",
    )
    verb.add_argument(
        "--jpeg", type=int, metavar="QUALITY", help="one JPEG round trip for all after resizing"
    )
    verb.add_argument(
        "--aspect", type=float, nargs=2, metavar=("MIN", "MAX"), help="only these width / height ratios"
    )
    verb.add_argument("--enlarge", type=float, default=2.0, help="refuse pictures to be enlarged more (2)")
    verb.add_argument("--megapixels", type=float, default=100.0, help="refuse larger pictures unopened (100)")
    verb.add_argument("--near", type=int, default=72, metavar="BITS", help="in which near copies differ (72)")
    verb.add_argument(
        "--fractions",
        type=float,
        nargs=3,
        metavar=("TRAIN", "VAL", "TEST"),
        help="split so (0.7 0.15 0.15, or as metadata.csv or folders train, val, test say)",
    )
    verb.add_argument("--limit", type=int, metavar="N", help="take N pictures, spread evenly over the labels")
    verb.add_argument("--seed", type=int, default=0, help="of the limit's choice and of the split (0)")
    verb.add_argument("--source", default="", help="where the pictures are from, for the card")
    verb.add_argument("--licence", help="on what terms, for the card")
    verb.add_argument("--workers", type=int, default=0, help="processes (one for each core)")
    verb.add_argument("--force", action="store_true", help="replace an existing collection")
    verb.set_defaults(run=run_import)


def add_fetch(verb: argparse.ArgumentParser) -> None:
    """The words of `animestudy fetch`."""
    verb.description = (
        "Download the pictures whose addresses stand in TABLE: one at a time, slowly, each checked; what is "
        "there and intact is not fetched again, so the same command goes on. Says first from where and on "
        "what terms. Exit status: 0 all there, 1 some failed (they are named, and stand in fetched.csv)."
    )
    verb.epilog = "animestudy fetch WikiArt-info.tsv --as wikiart-emotions --out ~/wikiart --plan"
    verb.add_argument("table", metavar="TABLE", help="CSV or TSV with a column of addresses, or one a line")
    verb.add_argument("--out", required=True, metavar="DIR", help="folder for the pictures, made if need be")
    verb.add_argument(
        "--as",
        dest="published",
        choices=("wikiart-emotions", "kaokore"),
        help="the public set that publishes such a table (WikiArt-info.tsv; urls.txt)",
    )
    verb.add_argument("--url", default="", metavar="COLUMN", help="of addresses (url, Image URL, …)")
    verb.add_argument("--name", default="", metavar="COLUMN", help="of file names (file_name, ID, …)")
    verb.add_argument("--checksum", default="", metavar="COLUMN", help="of MD5, SHA-1 or SHA-256, if any")
    verb.add_argument("--rate", type=float, default=1.0, metavar="N", help="requests a second, at most (1)")
    verb.add_argument("--megabytes", type=float, default=64.0, metavar="N", help="refuse larger files (64)")
    verb.add_argument("--megapixels", type=float, default=100.0, help="refuse larger pictures (100)")
    verb.add_argument("--limit", type=int, metavar="N", help="only the first N of the table")
    verb.add_argument("--private", action="store_true", help="also from this machine's own network")
    verb.add_argument("--plan", action="store_true", help="say what would be fetched, and fetch nothing")
    verb.set_defaults(run=run_fetch)


def add_classify(verb: argparse.ArgumentParser) -> None:
    """The words of `animestudy classify`."""
    from animestudy.models import shipped

    brought = ", ".join(shipped.names("classifier"))
    verb.description = (
        "Say which style, or which state of mind, a trained classifier sees in pictures: the best label with "
        "its probability, and the runner-up. Files are cut and scaled as the training pictures were. "
        "Exit status: 0 all classified, 1 some could not be read (they are named), 2 a mistake in the words."
    )
    verb.epilog = "animestudy classify ~/pictures --task style --csv styles.csv --cam overlays"
    verb.add_argument(
        "paths", nargs="+", metavar="PATH", help="pictures, and folders that are searched for them"
    )
    verb.add_argument(
        "--task",
        choices=("style", "psychology"),
        default="",
        help="what to tell apart, by the study's own weights (models/TASK.pt, from make repro) or --weights",
    )
    verb.add_argument(
        "--weights",
        metavar="FILE|NAME",
        help="other weights: a file, e.g. of animestudy train-style, or those that the study brings"
        + (f": {brought}" if brought else ""),
    )
    verb.add_argument("--csv", metavar="FILE", help="write a table: file,label,probability and every class")
    verb.add_argument(
        "--cam",
        metavar="DIR",
        help="write overlays (PNG, at most 1024 pixels long): what speaks for the label, by Grad-CAM; "
        "bright is evidence, grey none; what the square cuts off is pale",
    )
    verb.add_argument(
        "--layer", default="", help="block of the network that overlays explain (params.yaml, gradcam)"
    )
    verb.add_argument("--batch", type=int, default=32, help="pictures in memory at once (32)")
    verb.add_argument("--workers", type=int, default=0, help="processes that decode (one for each core)")
    verb.add_argument("--force", action="store_true", help="replace the table and overlays that are there")
    verb.set_defaults(run=run_classify)


def add_convert(verb: argparse.ArgumentParser) -> None:
    """The words of `animestudy convert`."""
    from animestudy.convert import generator

    there = ", ".join(generator.known())
    verb.description = (
        "Turn pictures and clips of any size into drawings. Pictures are turned upright as their EXIF says, "
        "brought to sRGB and written with 8 bits a channel in the format and size of the original; "
        "transparency is kept, other metadata is not. Below 32 pixels there is little to draw. Clips keep "
        "their time stamps and sound. Exit status: 0 all converted, 1 some left as they are or unreadable "
        "(they are named), 2 a mistake in the words."
    )
    verb.epilog = "animestudy convert ~/photos holiday.jpg 'more/*.png' --out drawings"
    verb.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="pictures, clips, folders with them, patterns"
    )
    verb.add_argument("--out", required=True, metavar="DIR", help="folder for the drawings, made if need be")
    verb.add_argument(
        "--model",
        default="",
        metavar="NAME|FILE",
        help="the generator: a file, e.g. of make repro or animestudy export, or a name"
        + (f" ({there}; the first is taken unless said)" if there else ""),
    )
    verb.add_argument(
        "--format",
        default=[],
        action="append",
        choices=("jpg", "png", "webp", "tif", "bmp", "avif", "mp4", "webm", "gif"),
        help="of the drawings (that of each input; of other clips mp4); say it twice for pictures and clips",
    )
    verb.add_argument(
        "--tile",
        default="auto",
        metavar="auto|N|off",
        help="convert in tiles of N pixels a side, with the result of the whole; auto: 512 above 1 megapixel",
    )
    verb.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: a GPU if any")
    verb.add_argument(
        "--engine",
        choices=("torch", "onnx", "openvino"),
        default="torch",
        help="onnx and openvino are faster on a CPU, convert whole pictures only, and need their packages",
    )
    verb.add_argument("--megapixels", type=float, default=100.0, help="refuse larger pictures (100)")
    verb.add_argument(
        "--max-side",
        type=int,
        default=0,
        metavar="PIXELS",
        help="first reduce pictures and clips to this longer side: lines come out thicker, details fewer",
    )
    verb.add_argument("--side-by-side", action="store_true", help="the original on the left")
    verb.add_argument("--force", action="store_true", help="replace drawings that are there")
    clips = verb.add_argument_group("clips")
    clips.add_argument("--start", type=float, default=0.0, metavar="SECONDS", help="convert from here on (0)")
    clips.add_argument("--end", type=float, default=float("inf"), metavar="SECONDS", help="and up to here")
    clips.add_argument("--every", type=int, default=1, metavar="N", help="each N-th frame only (1)")
    clips.add_argument("--silent", action="store_true", help="without sound")
    clips.add_argument("--minutes", type=float, default=30.0, metavar="N", help="refuse longer clips (30)")
    clips.add_argument(
        "--frame-megapixels",
        type=float,
        default=9.5,
        metavar="N",
        help="refuse larger frames (9.5; 4K has 8.8)",
    )
    verb.set_defaults(run=run_convert)


def add_export(verb: argparse.ArgumentParser) -> None:
    """The words of `animestudy export`."""
    verb.description = (
        "Write a generator as an ONNX file that takes pictures of any height and width (N×3×H×W float32 in "
        "−1 … 1, RGB, same out), and check it against PyTorch on two sizes."
    )
    verb.epilog = "animestudy export --model fsgan --onnx fsgan.onnx"
    verb.add_argument("--model", default="", metavar="NAME|FILE", help="as in animestudy convert")
    verb.add_argument("--onnx", required=True, metavar="FILE", help="the file to write")
    verb.add_argument("--force", action="store_true", help="replace an existing file")
    verb.set_defaults(run=run_export)


def add_train_style(verb: argparse.ArgumentParser) -> None:
    """The words of `animestudy train-style`."""
    from animestudy.models import shipped

    brought = ", ".join(shipped.names("classifier"))
    verb.description = (
        "Train the study's style classifier on a collection that `animestudy import` has packed, and write "
        "weights for `animestudy classify`. What is not said here stands in params.yaml, section style."
    )
    verb.epilog = "animestudy train-style data/titles --epochs 20 --seeds 1"
    verb.add_argument("source", metavar="data/NAME", help="the collection (from the study's root)")
    verb.add_argument("--out", metavar="FILE", help="the weights (models/NAME.pt of the study)")
    verb.add_argument(
        "--start",
        metavar="FILE|NAME",
        help="fine-tune SqueezeNet from these weights: a file (torchvision's squeezenet1_0, of ImageNet), or "
        + (f"those that the study brings: {brought}" if brought else "those that the study brings"),
    )
    verb.add_argument("--label", metavar="COLUMN", help="column of metadata.csv that is learnt")
    verb.add_argument("--kind", choices=("scene", "portrait", "any"), help="pictures to learn from")
    verb.add_argument("--size", type=int, metavar="N", help="side of a training picture in pixels")
    verb.add_argument("--epochs", type=int, metavar="N", help="passes over the training pictures")
    verb.add_argument("--seeds", type=int, metavar="N", help="trainings; the first one's weights are kept")
    verb.add_argument("--batch", type=int, metavar="N", help="pictures a step")
    verb.add_argument("--rate", type=float, help="highest learning rate")
    verb.add_argument(
        "--augment",
        choices=("mirror", "none", "safe", "colour", "auto", "cutmix"),
        help="of training pictures",
    )
    verb.add_argument(
        "--precision", choices=("32-true", "bf16-mixed"), help="bf16-mixed: twice as fast where there is bf16"
    )
    verb.add_argument("--force", action="store_true", help="replace existing weights")
    verb.set_defaults(run=run_train_style)


def add_train_gan(verb: argparse.ArgumentParser) -> None:
    """The words of `animestudy train-gan`."""
    verb.description = (
        "Train a network that turns photographs into drawings, from a folder of photographs and one of "
        "drawings of other things (or collections that `animestudy import` has packed). An unfinished "
        "training goes on where it was when the same command is given again. What is not said here stands in "
        "params.yaml, section scene."
    )
    verb.epilog = "animestudy train-gan --photos ~/photos --anime ~/frames --out models/mine.pt --steps 3000"
    verb.add_argument("--photos", required=True, metavar="DIR", help="photographs, or a collection of them")
    verb.add_argument("--anime", required=True, metavar="DIR", help="drawings, or a collection of them")
    verb.add_argument("--out", metavar="FILE", default="models/mine.pt", help="the weights (models/mine.pt)")
    verb.add_argument("--method", default="fsgan", help="fsgan, cartoongan or animegan (fsgan)")
    verb.add_argument(
        "--size", type=int, default=160, metavar="N", help="side to which folders are packed, pixels (160)"
    )
    verb.add_argument(
        "--styles",
        nargs="+",
        default=(),
        metavar="NAME",
        help="of a collection, only these",
    )
    verb.add_argument("--steps", type=int, default=3000, metavar="N", help="of the training (3000)")
    verb.add_argument("--batch", type=int, metavar="N", help="photographs, and drawings, a step")
    verb.add_argument("--crop", type=int, default=112, metavar="N", help="side of a training crop (112)")
    verb.add_argument("--width", type=int, metavar="N", help="channels of the generator's first layer")
    verb.add_argument(
        "--content",
        default="",
        metavar="FILE",
        help="SqueezeNet 1.0 of ImageNet for the content term",
    )
    verb.add_argument("--start", metavar="FILE", help="begin with these weights of the same network")
    verb.add_argument("--seed", type=int, default=0, help="of networks and crops (0)")
    verb.add_argument("--profile", default="real", help="of profiles/, which changes params.yaml (real)")
    verb.add_argument("--force", action="store_true", help="replace weights, packed folders, unfinished runs")
    verb.set_defaults(run=run_train_gan)


def add_serve(verb: argparse.ArgumentParser) -> None:
    """The words of `animestudy serve`."""
    verb.description = (
        "Serve a page on which people submit pictures and clips, follow their jobs and fetch the drawings, "
        "and the same as an HTTP interface (/api/docs). It listens to this machine alone unless told "
        "otherwise. What was accepted survives a stop: jobs that were not finished go on at the next start."
    )
    verb.add_argument("--host", default="127.0.0.1", help="address to listen to (127.0.0.1)")
    verb.add_argument("--port", type=int, default=8000, help="0: any that is free (8000)")
    verb.add_argument("--engine", choices=("local", "ray"), default="local", help="who converts (local)")
    verb.add_argument("--workers", type=int, default=0, metavar="N", help="that convert (one for each core)")
    verb.add_argument(
        "--address", default="", metavar="HOST:PORT", help="of a Ray cluster to join; otherwise its own"
    )
    verb.add_argument("--data", metavar="DIR", help="jobs and results (scratch/platform of the study)")
    verb.add_argument(
        "--name", dest="names", action="append", default=[], metavar="HOST", help="also reached by this name"
    )
    verb.add_argument(
        "--limit", action="append", default=[], metavar="NAME=NUMBER", help="e.g. seconds=20; /api/limits"
    )
    verb.add_argument(
        "--grace", type=float, default=10.0, metavar="SECONDS", help="that jobs have at a stop (10)"
    )
    verb.set_defaults(run=run_serve)


def run_check(args: argparse.Namespace) -> int:
    """`animestudy check`."""
    from pathlib import Path

    from animestudy import params

    params.read(Path(args.file))
    print(f"{args.file}: valid")
    return 0


def run_render(args: argparse.Namespace) -> int:
    """`animestudy render`."""
    from pathlib import Path

    from animestudy.data import draw

    words = {name: value for name, value in vars(args).items() if name not in ("verb", "run", "out")}
    print(draw.run(draw.Request(Path(args.out), **words)))
    return 0


def run_import(args: argparse.Namespace) -> int:
    """`animestudy import`."""
    from pathlib import Path

    from animestudy.data import decode, published, receipt, sources

    about = published.SETS[args.published] if args.published else None
    if args.labels and not about:
        raise StudyError("--labels: say with --as which set the file belongs to")
    listing = about and published.take(Path(args.folder), about, args.labels and Path(args.labels))

    form = decode.Form(
        args.size, args.crop, args.jpeg, args.aspect and tuple(args.aspect), args.enlarge, args.megapixels
    )
    order = sources.Order(
        form,
        label=args.label,
        domain=args.domain,
        kind=args.kind,
        group=args.group,
        source=args.source or (about.name if about else ""),
        licence=args.licence or (about.licence if about else sources.UNSTATED),
        fractions=args.fractions and tuple(args.fractions),
        threshold=args.near,
        limit=args.limit,
        seed=args.seed,
    )
    done = sources.pack(args.folder, args.out, order, args.workers, args.force, listing)
    print(receipt.text(done, f"{args.out}/{sources.TABLE}"))
    if about:
        print(f"{about.name}: {about.licence}")
    return 1 if done.refused else 0


def run_fetch(args: argparse.Namespace) -> int:
    """`animestudy fetch`."""
    from pathlib import Path

    from animestudy.data import addresses, fetch, published

    request = fetch.Request(
        Path(args.table).expanduser(),
        Path(args.out).expanduser(),
        published.SETS[args.published] if args.published else None,
        addresses.Columns(args.url, args.name, args.checksum),
        args.rate,
        args.megabytes,
        args.megapixels,
        args.private,
        args.limit,
        args.plan,
    )
    return fetch.run(request)


def run_classify(args: argparse.Namespace) -> int:
    """`animestudy classify`."""
    from pathlib import Path

    from animestudy.explain import classify

    words = {name: value for name, value in vars(args).items() if name not in ("verb", "run", "paths")}
    words |= {name: Path(words[name]) for name in ("weights", "csv", "cam") if words[name]}
    return classify.run(classify.Request([Path(path) for path in args.paths], **words))


def run_convert(args: argparse.Namespace) -> int:
    """`animestudy convert`."""
    from pathlib import Path

    from animestudy.convert import clips, command, engines

    machine = engines.Machine(args.engine, args.device, args.tile)
    cut = clips.Cut(
        args.start,
        args.end,
        args.every,
        args.max_side,
        args.side_by_side,
        not args.silent,
        args.minutes,
        args.frame_megapixels,
    )
    request = command.Request(
        args.inputs, Path(args.out), args.model, args.format, machine, args.megapixels, cut, args.force
    )
    return command.run(request)


def run_export(args: argparse.Namespace) -> int:
    """`animestudy export`."""
    from pathlib import Path

    from animestudy.convert import export

    print(export.write(args.model, Path(args.onnx), args.force))
    return 0


def run_train_style(args: argparse.Namespace) -> int:
    """`animestudy train-style`."""
    from pathlib import Path

    from animestudy.report import bars
    from animestudy.training import style

    apart = ("verb", "run", "source", "out", "start", "force")
    settings = {name: value for name, value in vars(args).items() if name not in apart and value is not None}
    order = style.Order(args.source, args.out and Path(args.out), args.start or "", settings, args.force)
    plan = style.plan(order)
    print(plan, flush=True)
    with bars.shown("train-style"):
        trained = style.train(plan)
    print(trained)
    return 0


def run_train_gan(args: argparse.Namespace) -> int:
    """`animestudy train-gan`."""
    from pathlib import Path

    from animestudy import pipeline
    from animestudy.report import bars
    from animestudy.training import gan

    words = {name: getattr(args, name) for name in ("steps", "batch", "crop")}
    order = gan.Order(
        args.photos,
        args.anime,
        Path(args.out),
        args.method,
        args.size,
        tuple(args.styles),
        {name: value for name, value in words.items() if value is not None},
        {"width": args.width} if args.width else {},
        args.content,
        args.start and Path(args.start),
        args.seed,
        pipeline.overridden(args.profile),
        args.force,
    )
    with bars.shown("train-gan"):
        plan = gan.plan(order)
        print(plan, flush=True)
        trained = gan.train(plan)
    print(trained)
    return 0


def run_repro(args: argparse.Namespace) -> int:
    """`animestudy repro`."""
    from animestudy import pipeline

    print(f"The report: {pipeline.reproduce(args.profile, args.stages) / pipeline.INDEX}")
    return 0


def run_report(args: argparse.Namespace) -> int:
    """`animestudy report`."""
    from animestudy import pipeline

    folder = pipeline.reproduce(args.profile, ("site",))
    print(f"The report: {folder / pipeline.INDEX}")
    if args.pdf:
        from animestudy.report import booklet

        booklet.pdf(folder / pipeline.INDEX.with_name("print.html"), folder / pipeline.PDF)
        print(f"As a PDF: {folder / pipeline.PDF}")
    return 0


def run_keep(args: argparse.Namespace) -> int:
    """`animestudy keep`."""
    from animestudy import pipeline
    from animestudy.paths import ROOT

    for path in pipeline.keep(args.profile, args.stages):
        print(path.relative_to(ROOT))
    return 0


def run_verify(args: argparse.Namespace) -> int:
    """`animestudy verify`."""
    from animestudy import pipeline

    lines = pipeline.verify(args.accept)
    held = "stand in profiles/smoke.json now" if args.accept else "hold"
    print("\n".join(lines) or f"verify: both runs gave the same bytes, and the headline numbers {held}")
    return 1 if lines else 0


def run_serve(args: argparse.Namespace) -> int:
    """`animestudy serve`."""
    from pathlib import Path

    from animestudy.paths import ROOT

    try:
        from animestudy.platform import serve
    except ModuleNotFoundError as error:
        raise StudyError(
            f"serve: the package {error.name} is missing; pip install 'animestudy[platform]'"
        ) from None
    words = {name: value for name, value in vars(args).items() if name not in ("verb", "run", "data")}
    return serve.run(serve.Request(data=Path(args.data or ROOT / "scratch/platform"), **words))


def run_lab(args: argparse.Namespace) -> int:
    """`animestudy lab`."""
    import subprocess

    from animestudy import pipeline
    from animestudy.paths import ROOT

    pipeline.reproduce(stages=("data",))
    words = [sys.executable, "-m", "jupyterlab", "--config", "notebooks/jupyter_lab_config.py", "notebooks"]
    return subprocess.run(words, cwd=ROOT, env=pipeline.environment(ROOT)).returncode


def main(words: list[str] | None = None) -> int:
    """Entry point: 0 done, 1 done in part, 2 a mistake of the user's, 130 interrupted."""
    try:
        args = parser().parse_args(words)
        return args.run(args)
    except StudyError as error:
        print(f"animestudy: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("animestudy: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
