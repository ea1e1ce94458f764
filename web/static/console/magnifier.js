// Enlarging and moving a picture for the eye: by wheel, two fingers, keys and buttons.

const STEP = 1.25;
const MOST = 8;
const KEY_STEP = 0.12; // of the view, for one press of an arrow
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Magnifier {
  zoom = 1;
  at = { x: 0, y: 0 }; // of the picture's middle from the view's, in pixels of the page
  #view;
  #changed;
  #pointers = new Map(); // id -> where it is

  /** `view`: what the picture is seen through. */
  constructor(view, changed) {
    this.#view = view;
    this.#changed = changed;
    view.addEventListener('wheel', (event) => {
      event.preventDefault();
      this.enlarge(event.deltaY < 0 ? STEP : 1 / STEP, this.#fromMiddle(event));
    }, { passive: false });
    view.addEventListener('pointerdown', (event) => {
      this.#pointers.set(event.pointerId, this.#fromMiddle(event));
    });
    view.addEventListener('pointermove', (event) => this.#drag(event));
    for (const type of ['pointerup', 'pointercancel', 'pointerleave']) {
      view.addEventListener(type, ({ pointerId }) => this.#pointers.delete(pointerId));
    }
  }

  reset() {
    this.zoom = 1;
    this.at = { x: 0, y: 0 };
  }

  larger() {
    this.enlarge(STEP);
  }

  smaller() {
    this.enlarge(1 / STEP);
  }

  /** What lies at `around` stays there. */
  enlarge(by, around = { x: 0, y: 0 }) {
    const zoom = Math.min(MOST, Math.max(1, this.zoom * by));
    const grown = zoom / this.zoom;
    this.zoom = zoom;
    this.#moveTo(around.x - (around.x - this.at.x) * grown, around.y - (around.y - this.at.y) * grown);
  }

  /** True when the key moves the picture. */
  key({ key }) {
    const way = ARROWS[key];
    if (!way || this.zoom === 1) return false;
    const { clientWidth, clientHeight } = this.#view;
    this.#moveTo(this.at.x + way[0] * KEY_STEP * clientWidth, this.at.y + way[1] * KEY_STEP * clientHeight);
    return true;
  }

  #drag(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = this.#fromMiddle(event);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (other) {
      const apart = distance(before, other);
      const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
      if (apart > 0) this.enlarge(distance(now, other) / apart, middle);
    } else if (this.zoom > 1) {
      this.#moveTo(this.at.x + now.x - before.x, this.at.y + now.y - before.y);
    }
  }

  /** Never so far aside that nothing of it is left in sight. */
  #moveTo(x, y) {
    const { clientWidth, clientHeight } = this.#view;
    const within = (at, size) => {
      const most = (size * (this.zoom - 1)) / 2;
      return Math.max(-most, Math.min(most, at));
    };
    this.at = { x: within(x, clientWidth), y: within(y, clientHeight) };
    this.#changed();
  }

  #fromMiddle({ clientX, clientY }) {
    const { left, top, width, height } = this.#view.getBoundingClientRect();
    return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
  }
}

function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
