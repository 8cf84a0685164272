"""What the map lies on: a light ground, a dark one, or pictures from the air; and what colours become on each."""

from dataclasses import dataclass

from layers.catalogue import Layer
from tiles.colours import legible, mixed, turned

TEXT_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
MARK_CONTRAST = 3.0  # WCAG 2.2, 1.4.11


@dataclass(frozen=True)
class Theme:
    """The ground of the map and the ink of its labels.

    ground      what the map is drawn on; for pictures, a colour as they have it on average
    base_share  how much of their opacity the fills of base layers keep
    plan_share  the same for all other fills
    """

    name: str
    ground: str
    halo: str
    dark: bool = False
    pictures: bool = False
    base_share: float = 1.0
    plan_share: float = 1.0

    def drawn(self, layer: Layer, colour: str) -> str:
        """A colour of a layer's look as this map draws it. The legend asks here too, so that both show the same."""
        look = layer.look
        if is_base(layer):
            if self.pictures:
                return colour if look.drawn == "circle" else mixed(colour, "#ffffff", 0.8)
            return look.dark.get(colour) or turned(colour) if self.dark else colour
        # Colours of plans are the law's: areas keep them; a thin line must stand out first.
        return colour if look.drawn == "fill" else legible(colour, self.ground, MARK_CONTRAST)

    def ink(self, colour: str) -> str:
        """The ink of words, from what it is on a light map."""
        if self.pictures:
            return legible(mixed(colour, "#ffffff", 0.9), self.halo, TEXT_CONTRAST)
        return legible(
            legible(turned(colour) if self.dark else colour, self.halo, TEXT_CONTRAST), self.ground, TEXT_CONTRAST
        )

    def rim(self, layer: Layer, colour: str) -> str:
        """The edge of an area: darker than the area on a light map, lighter on the others."""
        return self.drawn(layer, colour) if is_base(layer) else legible(colour, self.ground, MARK_CONTRAST)

    def share(self, layer: Layer) -> float:
        """How much of its opacity the fill of a layer keeps on this ground."""
        return self.base_share if is_base(layer) else self.plan_share


_ALL = (
    Theme("light", ground="#f4f3ef", halo="#ffffff"),
    Theme("dark", ground="#16191c", halo="#16191c", dark=True, plan_share=0.7),
    Theme("aerial", ground="#3c4238", halo="#14181a", dark=True, pictures=True, base_share=0.3, plan_share=0.8),
)
THEMES = {theme.name: theme for theme in _ALL}


def is_base(layer: Layer) -> bool:
    """Whether a layer is what all else is seen on: quiet, and free to turn with the ground."""
    return layer.group in {"base", "land"}
