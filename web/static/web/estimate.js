// Lengths and areas near enough to be shown at once, until the server tells those of the register: on the ellipsoid's
// plane at the place, true to some ten thousandths within a city.

const A = 6_378_137; // WGS 84, metres
const E2 = 0.00669437999014;

/** Metres east and north of a place, for positions [lon, lat] in degrees around it. */
function plane([lon0, lat0]) {
  const lat = (lat0 * Math.PI) / 180;
  const w = 1 - E2 * Math.sin(lat) ** 2;
  const east = ((A / Math.sqrt(w)) * Math.cos(lat) * Math.PI) / 180;
  const north = ((A * (1 - E2)) / w ** 1.5) * (Math.PI / 180);
  return ([lon, lat]) => [(lon - lon0) * east, (lat - lat0) * north];
}

/** Metres between two positions. */
export function distance(a, b) {
  const [x, y] = plane([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2])(b);
  return 2 * Math.hypot(x, y);
}

/** Square metres within a ring of positions. */
export function area(ring) {
  const places = ring.map(plane(ring[0]));
  const twice = places.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = places[(i + 1) % places.length];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}
