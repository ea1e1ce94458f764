// The camera for papers: opened for a still and closed after it. Nothing of it is ever sent live.

import { documentDevice } from './cameras.js';

// The largest that it has.
const SIZE = { width: { ideal: 4096 }, height: { ideal: 2160 } };
const STATE_OF_ERROR = { NotAllowedError: 'denied', SecurityError: 'denied', NotReadableError: 'busy', AbortError: 'busy' };

/**
 * Event `change`: something of `state` or `track` changed. `state` is of the words of the message
 * `devices`: missing (none here), off (here), ok (open now), denied, busy, ended (was unplugged).
 */
export class DocumentCamera extends EventTarget {
  state = 'missing';
  track = null;
  #wanted = false;
  #turn = 0; // counts up when what the browser is asked for is of no use any more

  constructor() {
    super();
    navigator.mediaDevices?.addEventListener('devicechange', () => this.look());
  }

  /** It is here, as far as is known, and gives pictures when it is opened. */
  get usable() {
    return this.state === 'off' || this.state === 'ok';
  }

  /** Looks whether it is here; what failed before may be tried again. */
  async look() {
    const device = await documentDevice();
    if (this.track) return;
    if (device) this.#set('off');
    else if (this.state !== 'ended') this.#set('missing');
  }

  async open() {
    if (this.#wanted) return;
    this.#wanted = true;
    const turn = (this.#turn += 1);
    const device = await documentDevice();
    let stream = null;
    let problem = 'missing';
    try {
      if (device && turn === this.#turn) {
        stream = await navigator.mediaDevices.getUserMedia({ video: { ...SIZE, deviceId: { exact: device.deviceId } } });
      }
    } catch (failure) {
      problem = STATE_OF_ERROR[failure.name] ?? 'missing';
    }
    const [track] = stream?.getVideoTracks() ?? [];
    if (turn !== this.#turn) { // closed while the browser was asking
      track?.stop();
      return;
    }
    if (!track) {
      this.#set(problem);
      return;
    }
    track.addEventListener('ended', () => {
      if (this.track !== track) return;
      this.track = null;
      this.#set('ended');
    });
    this.track = track;
    this.#set('ok');
  }

  /** Its light goes off. */
  close() {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#turn += 1;
    if (!this.track) return;
    this.track.stop();
    this.track = null;
    this.#set('off');
  }

  #set(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}
