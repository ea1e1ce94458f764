// Taking a picture: aim, count down, send, hear what the checks say, and again where it helps.

import { pictureOf } from './tasks.js';
import { send } from './sending.js';

const COUNT_FROM = 3; // for a face: hands must come down and eyes up
const COUNT_MS = 1000;
const GOOD_MS = 1500; // how long a good picture is shown
const PATIENT_TRIES = 3; // as in vcs.visits.visit: then the picture is for the officer to judge

/**
 * The picture that is being taken. `phase`: `aim`, `count`, `sending`, `good`, `poor` (with
 * `advice`), `enough` (not good, and good enough to go on), `failed` (with `code`).
 */
export class Studio {
  name = null;
  phase = 'aim';
  left = 0; // of the count
  share = 0; // of what is sent
  advice = [];
  code = null;
  onshare = null; // called with each new `share`
  preview = null; // address of the picture that was taken
  revision = 0;
  #camera;
  #changed;
  #timer = null;
  #turn = 0; // counts up when what is under way is of no use any more
  #abort = null;
  #asked = false;
  #tried = false;

  /** `camera()` gives {name: main or document, track: the live one or null, still(): takes it}. */
  constructor(camera, changed) {
    this.#camera = camera;
    this.#changed = changed;
  }

  /** The picture whose verdict is to be seen before anything else: the server strikes one that was
   *  asked for off its list when it comes, good or not. */
  get holds() {
    if (['count', 'sending', 'good', 'enough'].includes(this.phase)) return this.name;
    return this.#asked && this.#tried ? this.name : null;
  }

  /** The camera is needed: no picture of it stands here yet. */
  get needsCamera() {
    return this.name !== null && this.preview === null && !['good', 'enough'].includes(this.phase);
  }

  /** Ready for this capture; what the server knows of an earlier try comes back with it. */
  enter(name, told, asked) {
    if (name === this.name) {
      this.#asked ||= asked;
      return;
    }
    this.leave();
    this.name = name;
    this.#asked = asked;
    const last = pictureOf(told, name);
    if (!asked && last && last.advice.length > 0 && last.accepted === null) {
      this.phase = 'poor';
      this.advice = last.advice;
    }
  }

  /** Forgets everything, the picture too. */
  leave() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#dropPreview();
    this.name = null;
    this.phase = 'aim';
    this.advice = [];
    this.code = null;
    this.#asked = this.#tried = false;
  }

  /** Goes on without a better picture of what the officer asked for. */
  goOn() {
    this.leave();
    this.#draw();
  }

  /** Takes the picture, of a face after the count. `tries` were made before. */
  start(capture, occupant, tries) {
    if (['count', 'sending', 'good', 'enough'].includes(this.phase)) return;
    this.#turn += 1;
    this.#tried = true;
    this.#dropPreview();
    const go = () => this.#shoot(capture, occupant, tries);
    if (capture.subject === 'face') this.#count(COUNT_FROM, go);
    else go();
  }

  /** From a verdict back to the live picture. */
  again() {
    if (this.phase !== 'poor' && this.phase !== 'failed') return;
    this.code = null;
    this.#dropPreview();
    this.#to('aim');
  }

  #count(left, then) {
    if (left === 0) {
      then();
      return;
    }
    this.left = left;
    this.#to('count');
    this.#timer = setTimeout(() => this.#count(left - 1, then), COUNT_MS);
  }

  async #shoot(capture, occupant, tries) {
    const turn = this.#turn;
    const camera = this.#camera();
    const none = camera.name === 'document' ? 'no_document' : 'no_camera';
    if (!camera.track) {
      this.#fail(none);
      return;
    }
    this.share = 0;
    this.#to('sending');
    this.#abort = new AbortController();
    try {
      const picture = await camera.still().catch(() => null);
      if (turn !== this.#turn) return;
      if (picture === null) {
        this.#fail(none);
        return;
      }
      this.preview = URL.createObjectURL(picture);
      this.#to('sending');
      const { advice } = await send(picture, {
        occupant,
        capture: capture.name,
        signal: this.#abort.signal,
        progress: (share) => this.#sent(turn, share),
      });
      if (turn === this.#turn) this.#judge(advice, tries);
    } catch (failure) {
      if (turn === this.#turn) this.#fail(failure.code ?? 'not_sent');
    }
  }

  #sent(turn, share) {
    if (turn !== this.#turn) return;
    this.share = share;
    this.onshare?.(share); // drawn in place
  }

  #judge(advice, tries) {
    this.advice = advice;
    if (advice.length > 0 && tries + 1 < PATIENT_TRIES) {
      this.#to('poor');
      return;
    }
    this.#to(advice.length > 0 ? 'enough' : 'good');
    this.#timer = setTimeout(() => {
      this.leave();
      this.#draw();
    }, GOOD_MS);
  }

  #fail(code) {
    this.code = code;
    this.#to('failed');
  }

  #to(phase) {
    this.phase = phase;
    this.#draw();
  }

  #draw() {
    this.revision += 1;
    this.#changed();
  }

  #dropPreview() {
    if (this.preview) URL.revokeObjectURL(this.preview);
    this.preview = null;
  }
}
