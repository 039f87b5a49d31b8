"""Everything that one server has, in one place."""

from collections import Counter
from dataclasses import dataclass, field

from animestudy.platform import limits
from animestudy.platform.actors import Manager
from animestudy.platform.engines import Crew
from animestudy.platform.guard import LOOPBACK, Sessions
from animestudy.platform.metrics import Metrics
from animestudy.platform.store import Store


@dataclass
class Platform:
    """Everything that one server has."""

    store: Store
    crew: Crew
    manager: Manager
    limits: limits.Limits
    models: tuple[str, ...]
    sessions: Sessions
    metrics: Metrics
    rate: limits.Rate
    grace: float = 10.0
    names: tuple[str, ...] = LOOPBACK
    streams: Counter = field(default_factory=Counter)  # user → event streams that are open
    uploads: Counter = field(default_factory=Counter)  # user → submissions that are still coming in
