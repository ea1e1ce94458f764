// Rectangles of pictures in numbers. Pure. A rectangle is [left, top, right, bottom] in pixels, a
// size [width, height]; turns are quarters, clockwise.

export const LEAST = 32; // as in vcs.visits.cutting

/** A picture's size once it is turned. */
export function turnedSize([width, height], turns) {
  return turns % 2 ? [height, width] : [width, height];
}

/** Where a rectangle of an upright picture lies when the picture is turned. */
export function turnRectangle([left, top, right, bottom], [width, height], turns) {
  switch (turns % 4) {
    case 1: return [height - bottom, left, height - top, right];
    case 2: return [width - right, height - bottom, width - left, height - top];
    case 3: return [top, width - right, bottom, width - left];
    default: return [left, top, right, bottom];
  }
}

/** The other way: of a rectangle in the turned picture, `size` being the upright one's. */
export function uprightRectangle(rectangle, size, turns) {
  return turnRectangle(rectangle, turnedSize(size, turns), (4 - (turns % 4)) % 4);
}

/** The rectangle at another place, all of it inside. */
export function moved([left, top, right, bottom], dx, dy, [width, height]) {
  const x = clamp(Math.round(dx), -left, width - right);
  const y = clamp(Math.round(dy), -top, height - bottom);
  return [left + x, top + y, right + x, bottom + y];
}

/** The rectangle with some of its edges elsewhere: inside, and never smaller than LEAST. `edges` is
 *  of the letters l, t, r, b. */
export function sized([left, top, right, bottom], edges, dx, dy, [width, height]) {
  const x = Math.round(dx);
  const y = Math.round(dy);
  return [
    edges.includes('l') ? clamp(left + x, 0, right - LEAST) : left,
    edges.includes('t') ? clamp(top + y, 0, bottom - LEAST) : top,
    edges.includes('r') ? clamp(right + x, left + LEAST, width) : right,
    edges.includes('b') ? clamp(bottom + y, top + LEAST, height) : bottom,
  ];
}

export function whole([width, height]) {
  return [0, 0, width, height];
}

export function isWhole(rectangle, size) {
  return rectangle.every((each, index) => each === whole(size)[index]);
}

function clamp(value, least, most) {
  return Math.min(most, Math.max(least, value));
}
