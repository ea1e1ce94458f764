// When a page sends less of its camera because its computer is too weak, and when it tries again.
// Statistics in, steps out: no browser is asked here.

/** From everything to least; what each means is in `simulcast.js`. */
export const STEPS = ['full', 'fewer_layers', 'smaller', 'slower'];
/** Of a page that sends its camera in one size alone. */
export const SINGLE_LAYER_STEPS = ['full', 'smaller', 'slower'];

const WINDOW_MS = 10_000;
const SAMPLES_AT_LEAST = 4; // of the five that fit: a page that stood still judges nothing
const WEAK_SHARE = 0.5;
const BUSY = 0.7; // of the time between two frames
const CALM_MS = 60_000;
const MAX_CALM_MS = 16 * 60_000;
const GAP_MS = 6000; // nothing was sent, or the page slept: what was before tells nothing

/**
 * `note` it every two seconds while a camera is sent. Weak for most of ten seconds: one step down.
 * Calm for a minute: one step up; if that proves too much, the next try waits twice as long.
 */
export class Adaptation {
  #steps;
  #at = 0;
  #samples = []; // {at, weak}
  #calmSince = null;
  #patience = CALM_MS;
  #raisedAt = null;

  constructor(steps = STEPS) {
    this.#steps = steps;
  }

  get step() {
    return this.#steps[this.#at];
  }

  /** How long it must be calm before the next step up. */
  get patience_ms() {
    return this.#patience;
  }

  /** `sample` {at_ms, limitation, encode_ms, interval_ms}: `qualityLimitationReason`, the time that
   *  one frame takes in all its layers, and the time between two frames of the camera; null where
   *  unknown. Returns the step that holds now. */
  note(sample) {
    const { at_ms: at } = sample;
    const before = this.#samples.at(-1);
    if (before && at - before.at > GAP_MS) this.#begin(null);
    const weak = isWeak(sample);
    this.#samples.push({ at, weak });
    while (this.#samples[0].at <= at - WINDOW_MS) this.#samples.shift();
    if (weak) this.#calmSince = null;
    else this.#calmSince ??= at;
    if (this.#isWeak() && this.#at < this.#steps.length - 1) this.#down(at);
    else if (this.#isCalm(at) && this.#at > 0) this.#up(at);
    else this.#settle(at);
    return this.step;
  }

  #isWeak() {
    const weak = this.#samples.filter((each) => each.weak).length;
    return this.#samples.length >= SAMPLES_AT_LEAST && weak > WEAK_SHARE * this.#samples.length;
  }

  #isCalm(at) {
    return this.#calmSince !== null && at - this.#calmSince >= this.#patience;
  }

  #down(at) {
    if (this.#raisedAt !== null) this.#patience = Math.min(2 * this.#patience, MAX_CALM_MS);
    this.#raisedAt = null;
    this.#at += 1;
    this.#begin(at);
  }

  #up(at) {
    this.#raisedAt = at;
    this.#at -= 1;
    this.#begin(at);
  }

  /** A step up that has stood as long as it was waited for was right. */
  #settle(at) {
    if (this.#raisedAt === null || at - this.#raisedAt < this.#patience) return;
    this.#raisedAt = null;
    this.#patience = CALM_MS;
  }

  /** What was seen at another step says nothing of this one. */
  #begin(calmSince) {
    this.#samples = [];
    this.#calmSince = calmSince;
  }
}

function isWeak({ limitation, encode_ms, interval_ms }) {
  if (limitation === 'cpu') return true;
  return encode_ms !== null && interval_ms !== null && encode_ms > BUSY * interval_ms;
}
