"""The data dictionary, written from the catalogue so that it cannot be out of date."""

from typing import Any

from gisplatform.access import Role
from gisplatform.management.base import PlatformCommand
from layers.catalogue import GROUPS, Layer, layers
from layers.drawn.levels import size_of


class Command(PlatformCommand):
    """`manage.py data_dictionary > docs/data-dictionary.md`."""

    help = "Prints the data dictionary in Markdown: every layer, its attributes, and who sees what."
    requires_system_checks: list[str] = []

    def run(self, *args: Any, **options: Any) -> None:
        """Print the document."""
        shown = sorted(layers(), key=lambda layer: (list(GROUPS).index(layer.group), layer.key))
        self.stdout.write("\n".join(document(shown)))


def document(shown: list[Layer]) -> list[str]:
    """The lines of the document."""
    lines = [
        "# Data dictionary",
        "",
        "Written by `./manage.py data_dictionary` from the layer catalogue; a test compares it with the code.",
        "",
        "Every row is one version of one thing: `id` names the thing for ever, `valid_during` are the days on which",
        "the version has legal effect, `recorded_during` is the time during which the register held it to be so.",
        "",
        "## Who sees what",
        "",
        "Role × layer × rows. A role that shows nothing sees no trace of the layer. Everyone is a citizen too.",
        "",
        "| layer | " + " | ".join(role.value for role in Role) + " |",
        "|---" * (len(Role) + 1) + "|",
    ]
    for layer in shown:
        cells = [str(layer.access.get(role, layer.access.get(Role.CITIZEN, "–"))) for role in Role]
        lines.append(f"| `{layer.key}` | " + " | ".join(cells) + " |")
    for layer in shown:
        lines += ["", *described(layer)]
    return lines


def _from_afar(layer: Layer) -> str:
    if not layer.levels:
        return ""
    return f"; of merged rows up to {layer.plain_zoom - 1}, which have `count` and `{size_of(layer)}`"


def described(layer: Layer) -> list[str]:
    """One layer's section."""
    lines = [
        f"## `{layer.key}`",
        "",
        f"{layer.title['vi']} / {layer.title['en']}. Register table `{layer.table}`, "
        f"tiles from zoom {layer.min_zoom} to {layer.max_zoom}{_from_afar(layer)}.",
    ]
    if layer.approximate:
        lines.append("Positions are exact only for those whose row above says nothing of an approximate position.")
    lines += ["", "| attribute | type | unit | vi | en | remark |", "|---|---|---|---|---|---|"]
    for attribute in layer.attributes:
        remark = (attribute.description or {}).get("en", "")
        if attribute.exact_only:
            remark = (remark + "; " if remark else "") + "only with exact positions"
        title = attribute.title
        lines.append(
            f"| `{attribute.name}` | {attribute.type} | {attribute.unit} | {title['vi']} | {title['en']} | {remark} |"
        )
    return lines
