"""Eight kinds of landscape: one module each, one table. Each draws onto a `Site`, far things first."""

from collections.abc import Callable

from animestudy.data.atelier.places.coast import coast
from animestudy.data.atelier.places.field import field
from animestudy.data.atelier.places.forest import forest
from animestudy.data.atelier.places.garden import garden
from animestudy.data.atelier.places.lake import lake
from animestudy.data.atelier.places.river import river
from animestudy.data.atelier.places.street import street
from animestudy.data.atelier.places.village import village
from animestudy.data.atelier.site import Site

PLACES: dict[str, Callable[[Site], None]] = {
    "village": village,
    "lake": lake,
    "coast": coast,
    "street": street,
    "forest": forest,
    "field": field,
    "river": river,
    "garden": garden,
}
