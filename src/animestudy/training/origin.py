"""What a classifier's weights say of the pictures behind them, and how others become such pictures."""

from typing import Any

from animestudy.data.collection import Collection
from animestudy.data.decode import Form
from animestudy.models.weights import Classifier
from animestudy.training.classifier import Task

FORM = ("size", "crop", "jpeg", "enlarge")  # of the importer's settings, what a single picture is made by


def origin(collection: Collection, task: Task) -> dict[str, Any]:
    """The collection's name, the number of training pictures, and how the collection's pictures were made.

    Goes into `Classifier.origin`. Pictures that nobody imported (the atelier draws squares) have a size only.
    """
    made = collection.card.get("made", {}).get("form", {})
    form = {name: made[name] for name in FORM if name in made} | {"size": collection.size}
    return {"collection": collection.path.name, "pictures": len(task.train), "form": form}


def form(classifier: Classifier) -> Form:
    """How a file becomes a picture like those of the training: the collection's square, at its size.

    Weights that do not say where they come from get the default square, at the network's own size.
    """
    return Form(**{"size": classifier.size, **classifier.origin.get("form", {})})


def said(classifier: Classifier) -> str:
    """The weights in one line: task, classes, size in pixels, training collection."""
    learnt = classifier.origin
    of = f" on {learnt['pictures']:,} pictures of {learnt['collection']}" if learnt else ""
    names = ", ".join(classifier.classes)
    return (
        f"{classifier.task}, {len(classifier.classes)} classes ({names}), trained at {classifier.size} px{of}"
    )
