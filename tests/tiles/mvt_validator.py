"""Whether bytes are a valid Mapbox Vector Tile 2.1, read from the plain protobuf wire format.

Strict: what the specification says SHOULD NOT be (a key twice, an identifier twice, a ring without area) is a fault
too, and everything is looked at that decoders forgive. Fields that it does not name are passed over, as it asks.
Source: https://github.com/mapbox/vector-tile-spec/tree/master/2.1 (the numbers in brackets are its sections).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import shapely

VARINT, I64, LEN, I32 = 0, 1, 2, 5  # wire types of protobuf
UNKNOWN, POINT, LINESTRING, POLYGON = range(4)
MOVE_TO, LINE_TO, CLOSE_PATH = 1, 2, 7
COMMANDS = {MOVE_TO: "MoveTo", LINE_TO: "LineTo", CLOSE_PATH: "ClosePath"}

TILE = {3: ("layers", LEN)}
LAYER = {1: ("name", LEN), 2: ("features", LEN), 3: ("keys", LEN), 4: ("values", LEN), 5: ("extent", VARINT)}
LAYER |= {15: ("version", VARINT)}
FEATURE = {1: ("id", VARINT), 2: ("tags", LEN), 3: ("type", VARINT), 4: ("geometry", LEN)}
VALUE = {1: ("string", LEN), 2: ("float", I32), 3: ("double", I64), 4: ("int", VARINT), 5: ("uint", VARINT)}
VALUE |= {6: ("sint", VARINT), 7: ("bool", VARINT)}
SEVERAL = {"layers", "features", "keys", "values"}

Integers = Sequence[int]
Place = tuple[int, int]


class Fault(Exception):
    """What is wrong; where is added on the way out."""


def faults(tile: bytes, *, ours: bool = False) -> list[str]:
    """What is wrong with a tile, a line each with its place; empty when it is valid.

    ours  also what this platform promises and the specification's reference cases do not ask: every layer is of
          version 2, says its extent itself, and is not empty
    """
    try:
        messages = _read(tile, TILE)["layers"]
    except Fault as fault:
        return [f"tile: {fault}"]
    found: list[str] = []
    names: list[bytes] = []
    for number, message in enumerate(messages):
        try:
            layer = _read(message, LAYER)
            name = _only(layer, "name")
            names.append(name)
            found += [f"layer {number} “{_text(name)}”: {fault}" for fault in _layer(layer, ours)]
        except Fault as fault:
            found.append(f"layer {number}: {fault}")
    return found + [f"tile: layer name {name!r} twice (4.1)" for name in _repeated(names)]


def _layer(layer: Mapping[str, list], ours: bool) -> Iterator[str]:
    version = _only(layer, "version")
    if version not in ({2} if ours else {1, 2}):
        yield f"version {version} (4.1)"
        return
    if ours or layer["extent"]:
        extent = _only(layer, "extent")
        if not 0 < extent < 2**32:
            yield f"extent {extent} (4.1)"
    if ours and not layer["features"]:
        yield "no features (4.1)"
    yield from (f"key {key!r} twice (4.1)" for key in _repeated(layer["keys"]))
    yield from (f"value {value!r} twice (4.1)" for value in _repeated(layer["values"]))
    for kind, check in ("key", _text), ("value", _value):
        for index, message in enumerate(layer[f"{kind}s"]):
            try:
                check(message)
            except Fault as fault:
                yield f"{kind} {index}: {fault}"
    identities = []
    for number, message in enumerate(layer["features"]):
        try:
            feature = _read(message, FEATURE)
            identities += feature["id"]
            _feature(feature, len(layer["keys"]), len(layer["values"]))
        except Fault as fault:
            yield f"feature {number}: {fault}"
    yield from (f"id {identity} twice (4.2)" for identity in _repeated(identities))


def _value(message: bytes) -> None:
    present = _read(message, VALUE)
    if sum(map(len, present.values())) != 1:
        raise Fault("not exactly one of the known types (4.1)")
    for text in present["string"]:
        _text(text)


def _feature(feature: Mapping[str, list], keys: int, values: int) -> None:
    kind, packed = _only(feature, "type"), _only(feature, "geometry")
    if kind > POLYGON:
        raise Fault(f"type {kind} (4.3.4)")
    if feature["tags"]:
        tags = _integers(_only(feature, "tags"))
        if len(tags) % 2:
            raise Fault("an odd number of tags (4.4)")
        if any(key >= keys for key in tags[::2]) or any(value >= values for value in tags[1::2]):
            raise Fault(f"tags {tags} reach past {keys} keys or {values} values (4.4)")
        if _repeated(tags[::2]):
            raise Fault(f"tags {tags} name a key twice (4.4)")
    if kind == UNKNOWN:
        return  # what an experiment means by its commands is not for us to say
    paths = _paths(_integers(packed), kind)
    if kind == POLYGON:
        _check_rings(paths)


def _paths(integers: Integers, kind: int) -> list[list[Place]]:
    """The points, lines or rings that a geometry draws (4.3.3, 4.3.4); a ring's first place is not repeated."""
    sequence = {POINT: [MOVE_TO], LINESTRING: [MOVE_TO, LINE_TO], POLYGON: [MOVE_TO, LINE_TO, CLOSE_PATH]}[kind]
    paths: list[list[Place]] = []
    at, step, x, y = 0, 0, 0, 0
    while at < len(integers) or step or not paths:
        if at == len(integers):
            raise Fault(f"ends where {COMMANDS[sequence[step]]} has to follow (4.3.4)")
        command, count = integers[at] & 7, integers[at] >> 3
        if command != sequence[step] or (kind == POINT and paths):
            raise Fault(f"command {COMMANDS.get(command, command)} out of its order at integer {at} (4.3.4)")
        least = 2 if command == LINE_TO and kind == POLYGON else 1
        if count < least or (count > 1 and (command == CLOSE_PATH or (command == MOVE_TO and kind != POINT))):
            raise Fault(f"{COMMANDS[command]} {count} times at integer {at} (4.3.3, 4.3.4)")
        at += 1
        if command == MOVE_TO:
            paths.append([])
        if command != CLOSE_PATH:
            if at + 2 * count > len(integers):
                raise Fault(
                    f"{COMMANDS[command]} {count} times, but only {len(integers) - at} parameters follow (4.3.1)"
                )
            for place in range(at, at + 2 * count, 2):
                dx, dy = _zigzag(integers[place]), _zigzag(integers[place + 1])
                if command == LINE_TO and dx == dy == 0:
                    raise Fault(f"LineTo that does not move at integer {place} (4.3.3.2)")
                x, y = x + dx, y + dy
                paths[-1].append((x, y))
            at += 2 * count
        step = (step + 1) % len(sequence)
    return paths


def _check_rings(rings: list[list[Place]]) -> None:
    polygons: list[list[list[Place]]] = []
    for number, ring in enumerate(rings):
        if ring[0] == ring[-1]:
            raise Fault(f"ring {number} comes back to its first place before ClosePath (4.3.4.4)")
        twice_area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
        if twice_area == 0:
            raise Fault(f"ring {number} has no area (4.3.4.4)")
        if twice_area > 0:
            polygons.append([ring])
        elif polygons:
            polygons[-1].append(ring)
        else:
            raise Fault("begins with an interior ring (4.3.4.4)")
    for number, (exterior, *interior) in enumerate(polygons):
        polygon = shapely.Polygon(exterior, interior)
        if not polygon.is_valid:
            raise Fault(f"polygon {number}: {shapely.is_valid_reason(polygon)} (4.3.4.4)")


def _read(message: bytes, known: Mapping[int, tuple[str, int]]) -> dict[str, list]:
    """The fields of a message by their names, each a list of what was found."""
    found: dict[str, list] = {name: [] for name, _wire_type in known.values()}
    at = 0
    while at < len(message):
        head, at = _varint(message, at)
        number, wire_type = head >> 3, head & 7
        value: int | bytes
        if wire_type == VARINT:
            value, at = _varint(message, at)
        elif wire_type in {I64, LEN, I32} and number:
            length, at = _varint(message, at) if wire_type == LEN else ({I64: 8, I32: 4}[wire_type], at)
            value, at = message[at : at + length], at + length
            if at > len(message):
                raise Fault(f"field {number} ends {at - len(message)} bytes beyond its message")
        else:
            raise Fault(f"field {number} with wire type {wire_type}")
        if number in known:
            name, expected = known[number]
            if wire_type != expected:
                raise Fault(f"{name} has wire type {wire_type}, not {expected}")
            if found[name] and name not in SEVERAL:
                raise Fault(f"{name} twice")
            found[name].append(value)
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number and where the next field begins."""
    value = 0
    for count, byte in enumerate(message[at : at + 10]):
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80 and value < 2**64:
            return value, at + count + 1
    raise Fault(f"a number that does not end at byte {at}")


def _integers(packed: bytes) -> Integers:
    at, integers = 0, []
    while at < len(packed):
        value, at = _varint(packed, at)
        if value >= 2**32:
            raise Fault(f"{value} has more than 32 bits (4.3)")
        integers.append(value)
    return integers


def _zigzag(parameter: int) -> int:
    return (parameter >> 1) ^ -(parameter & 1)


def _only(message: Mapping[str, list], name: str):
    if not message[name]:
        raise Fault(f"no {name} (4.1, 4.2)")
    return message[name][0]


def _text(encoded: bytes) -> str:
    try:
        return encoded.decode()
    except UnicodeDecodeError as error:
        raise Fault(f"{encoded!r} is not UTF-8") from error


def _repeated(things: Sequence) -> list:
    return [thing for thing, count in Counter(things).items() if count > 1]
