"""Map, search box and layers."""

from django.utils.translation import gettext as _


def strings() -> dict[str, str]:
    """The words by key."""
    return {
        "map": _(
            "Map. Arrow keys move it, plus and minus zoom, Enter tells what is in the middle, "
            "Shift+Enter its coordinates."
        ),
        "zoom_in_button": _("Zoom in"),
        "zoom_out_button": _("Zoom out"),
        "attribution": _("Sources of the map"),
        "layers": _("Layers"),
        "zoom_in": _("Zoom in to see it"),
        "ground": _("Base map"),
        "ground_light": _("Light"),
        "ground_dark": _("Dark"),
        "ground_aerial": _("Aerial photo"),
        "relief": _("Relief of the ground"),
        "whole_group": _("The whole group: {group}"),
        "only_this": _("Only this layer"),
        "only_layer": _("Only this layer: {layer}"),
        "only_this_now": _("Of all layers above the base map only this one is shown: {layer}."),
        "as_before": _("Show again what was on before"),
        "all_again": _("The layers are shown as before."),
        "draw_order": _("Order of the layers"),
        "order_button": _("Layer order"),
        "legend_button": _("Legend"),
        "order_help": _("What stands higher here lies above on the map. Names always lie on top."),
        "higher": _("Move up: {layer}"),
        "lower": _("Move down: {layer}"),
        "drag": _("Drag to move"),
        "order_now": _("{layer}: place {place} of {count}."),
        "usual_order": _("Back to the usual order"),
        "usual_order_now": _("The layers lie in the usual order."),
        "legend_of_view": _("Legend of this view"),
        "legend_of_view_help": _("What the map shows at the moment. It changes as the map moves."),
        "nothing_in_view": _("None of the layers that are on has anything here."),
        "legend_of": _("Legend and opacity: {layer}"),
        "opacity": _("Opacity"),
        "opacity_of": _("Opacity: {layer}"),
        "day": _("Day of the map"),
        "day_help": _("The map and the answers as they stood on this day."),
        "today": _("Back to today"),
        "map_of_day": _("Map as of {day}"),
        "empty": _("There are no parcels here yet. An administrator loads the cadastre with this command:"),
    }
