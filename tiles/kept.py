"""The tiles of one process in memory, bounded in bytes; the least used go first. Used from one event loop only."""

from collections import OrderedDict
from collections.abc import Sequence

from tiles.bundles import Tileset
from tiles.cached import Kept, Key
from tiles.http import Replies
from tiles.snapshots import Change, Tile, tiles_near, touched
from tiles.viewers import PUBLIC


class Memory:
    """Tiles by their key, and those of everyone and today by their address as well."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes, self.bytes = most_bytes, 0
        self._tiles: OrderedDict[Key, Kept] = OrderedDict()
        self._of_layer: dict[str, dict[Tile, set[Key]]] = {}
        self.served: dict[str, tuple[Key, Replies]] = {}

    def __len__(self) -> int:
        return len(self._tiles)

    def get(self, key: Key) -> Kept | None:
        """A tile, if it is there; it is then used last."""
        kept = self._tiles.get(key)
        if kept is not None:
            self._tiles.move_to_end(key)
        return kept

    def used(self, key: Key) -> None:
        """A tile of `served` was used."""
        self._tiles.move_to_end(key)

    def add(self, key: Key, kept: Kept, *, serve: bool) -> None:
        """Keep a tile. serve: under its address, too, for whoever asks without a pass."""
        self.remove(key)
        self._tiles[key] = kept
        self._of_layer.setdefault(key.layer, {}).setdefault(key.tile, set()).add(key)
        self.bytes += kept.size
        if serve and key.viewer == PUBLIC:
            self.served[address(key)] = key, Replies(kept)
        while self.bytes > self._most_bytes:
            self.remove(next(iter(self._tiles)))

    def remove(self, key: Key) -> None:
        """Forget a tile, if it is there."""
        kept = self._tiles.pop(key, None)
        if kept is None:
            return
        self.bytes -= kept.size
        of_tile = self._of_layer[key.layer][key.tile]
        of_tile.discard(key)
        if not of_tile:
            del self._of_layer[key.layer][key.tile]
        if (served := self.served.get(address(key))) and served[0] == key:
            del self.served[address(key)]

    def drop(self, tileset: Tileset, changes: Sequence[Change]) -> list[Key]:
        """Forget tiles that were drawn before changes that touch them. Returns which."""
        there = self._of_layer.get(tileset.key, {})
        near = tiles_near(tileset, changes)
        tiles = list(there if near is None else near & there.keys())
        outdated = [
            key
            for at, by in touched(tileset, tiles, changes).items()
            for key in there[tiles[at]]
            if not all(self._tiles[key].snapshot.sees(change.transaction) for change in by)
        ]
        for key in outdated:
            self.remove(key)
        return outdated

    def clear(self) -> None:
        """Forget all."""
        self._tiles.clear()
        self._of_layer.clear()
        self.served.clear()
        self.bytes = 0


def address(key: Key) -> str:
    """Where everyone asks for a tile."""
    return f"/tiles/{key.layer}/{key.z}/{key.x}/{key.y}.mvt"
