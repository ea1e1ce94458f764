// Camera and microphone: opened for a visit, closed with it, picked up again when unplugged.

import { CAMERA_WISH } from '../simulcast.js';
import { mainWish } from './cameras.js';

const MICROPHONE_WISH = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const STATE_OF_ERROR = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotReadableError: 'busy',
  AbortError: 'busy',
};
const RETRY_MS = [250, 500, 1000, 2000]; // then every 2 s: a replugged device is back within 5 s
const RETRY_DENIED_MS = 10_000; // each try may show the visitor a question

/**
 * Event `change`: something of `camera` or `microphone` changed; each is one of off, ok, missing,
 * denied, busy, ended, the words of the message `devices`.
 */
export class Devices extends EventTarget {
  camera = 'off';
  microphone = 'off';
  #tracks = { camera: null, microphone: null };
  #open = false;
  #opening = false;
  #failures = 0;
  #retry = null;

  constructor() {
    super();
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#tryAgain(0));
  }

  /** The live track of `camera` or `microphone`, or null. */
  track(name) {
    return this.#tracks[name];
  }

  open() {
    if (this.#open) return;
    this.#open = true;
    this.#failures = 0;
    this.#fill();
  }

  /** Stops both at once; the camera's light goes off. */
  close() {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#retry);
    for (const name of ['camera', 'microphone']) {
      this.#tracks[name]?.stop();
      this.#set(name, null, 'off');
    }
    this.#changed();
  }

  /** Opens what is not live, both in one question to the user when both are wanted. */
  async #fill() {
    if (!this.#open || this.#opening) return;
    this.#opening = true;
    clearTimeout(this.#retry);
    const wanted = ['camera', 'microphone'].filter((name) => this.#tracks[name] === null);
    if (wanted.length === 2 && (await this.#ask(wanted)) === null) wanted.length = 0;
    for (const name of wanted) {
      const problem = await this.#ask([name]);
      if (problem !== null && this.#open) this.#set(name, null, problem);
    }
    this.#opening = false;
    if (!this.#open) return;
    this.#changed();
    this.#later();
  }

  /** Null when all are live now, else the state that tells why not. */
  async #ask(names) {
    if (!this.#open) return 'off';
    let stream;
    try {
      const wish = await wishFor(names);
      if (wish === null) return 'missing';
      stream = await navigator.mediaDevices.getUserMedia(wish);
    } catch (problem) {
      return STATE_OF_ERROR[problem.name] ?? 'missing';
    }
    for (const track of stream.getTracks()) {
      const name = track.kind === 'video' ? 'camera' : 'microphone';
      // The visit may have ended while the browser was asking.
      if (!this.#open) track.stop();
      else this.#live(name, track);
    }
    return null;
  }

  #live(name, track) {
    this.#set(name, track, 'ok');
    track.addEventListener('ended', () => {
      if (this.#tracks[name] !== track) return;
      this.#failures = 0;
      this.#set(name, null, 'ended');
      this.#changed();
      this.#later();
    });
  }

  #later() {
    const states = [this.camera, this.microphone];
    if (!this.#open || states.every((state) => state === 'ok')) return;
    const wait = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
    this.#failures += 1;
    this.#tryAgain(states.includes('denied') ? Math.max(wait, RETRY_DENIED_MS) : wait);
  }

  #tryAgain(in_ms) {
    clearTimeout(this.#retry);
    if (this.#open) this.#retry = setTimeout(() => this.#fill(), in_ms);
  }

  #set(name, track, state) {
    this.#tracks[name] = track;
    this[name] = state;
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** What to ask of the browser; null: there is no such camera. */
async function wishFor(names) {
  const wish = {};
  if (names.includes('microphone')) wish.audio = MICROPHONE_WISH;
  if (!names.includes('camera')) return wish;
  const video = await mainWish(CAMERA_WISH);
  return video && { ...wish, video };
}
