// A booth's moving picture: <vcs-picture>. It never shows an old frame as if it were a live one.

import { el } from '../element.js';

const STALLED_MS = 2000;
const RATE_OVER_MS = 2000;

export class Picture extends HTMLElement {
  #video = el('video', { class: 'pic', playsinline: true, disablepictureinpicture: true });
  #stream = null;
  #frames = []; // times of the last frames
  #since = 0;
  #heldBack = false;

  connectedCallback() {
    if (this.#video.isConnected) return;
    this.#video.muted = true;
    this.append(this.#video);
    document.addEventListener('visibilitychange', () => {
      // A page in the background is given no frames.
      this.#since = performance.now();
    });
  }

  /** The stream to show; null: none, and the last frame goes. */
  show(stream) {
    if (stream === this.#stream) return;
    this.#stream = stream;
    this.#frames = [];
    this.#since = performance.now();
    this.#video.srcObject = stream;
    if (!stream) return;
    this.#video.play().catch(() => {}); // overtaken by the next stream
    const frame = (now) => {
      if (this.#stream !== stream) return;
      this.#frames.push(now);
      while (this.#frames[0] < now - RATE_OVER_MS) this.#frames.shift();
      this.#video.requestVideoFrameCallback(frame);
    };
    this.#video.requestVideoFrameCallback(frame);
  }

  /** none, waiting (no frame yet), live, stalled, or paused by the server for want of room. */
  get status() {
    if (!this.#stream) return 'none';
    if (this.#heldBack) return 'paused';
    if (!this.#frames.length) return 'waiting';
    const last = Math.max(this.#frames.at(-1), this.#since);
    return performance.now() - last > STALLED_MS ? 'stalled' : 'live';
  }

  /** {width, height, fps} of a live picture, else null. */
  get figures() {
    if (this.status !== 'live' || this.#frames.length < 2) return null;
    const span = this.#frames.at(-1) - this.#frames[0];
    return {
      width: this.#video.videoWidth,
      height: this.#video.videoHeight,
      fps: Math.round(((this.#frames.length - 1) * 1000) / span),
    };
  }

  /** Marks a picture that stands still; call it with each drawing. `heldBack`: the server says that
   *  it sends none for now. Returns the status. */
  draw(heldBack = false) {
    this.#heldBack = heldBack;
    const { status } = this;
    this.classList.toggle('is-stalled', status === 'stalled' || status === 'paused');
    return status;
  }
}

customElements.define('vcs-picture', Picture);
