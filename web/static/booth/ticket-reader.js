// Reads a ticket's QR code with the booth's camera. Nobody has agreed to be seen yet: the camera is
// opened by the visitor's touch alone, its picture stays in this page, and it is off again as soon as
// a code was read, the visitor goes back, or half a minute has passed.

import { mainWish } from './cameras.js';

const DECODER = '/static/vendor/jsqr/jsQR.js'; // 1.4.0; sets `jsQR`. Fetched when it is first needed.
const EVERY_MS = 200;
const LONGEST_MS = 30_000;
const WIDTH = 640; // as much as a code held before a camera needs
const SHORTEST = 8;
const LONGEST = 64;

export class TicketReader {
  /** off, opening, on; or why it cannot: denied, missing. */
  phase = 'off';
  video = document.createElement('video');
  #read;
  #changed;
  #track = null;
  #timer = null;
  #turn = 0;

  /** `read(text)` gets the code; `changed()` is called when `phase` has changed. */
  constructor(read, changed) {
    this.#read = read;
    this.#changed = changed;
    this.video.muted = true;
    this.video.playsInline = true;
  }

  async open() {
    if (this.phase === 'opening' || this.phase === 'on') return;
    const turn = (this.#turn += 1);
    this.#set('opening');
    let stream;
    try {
      const video = await mainWish({ width: { ideal: 1280 } });
      if (video === null) throw new DOMException('no camera', 'NotFoundError');
      stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    } catch (problem) {
      if (turn === this.#turn) this.#set(problem.name === 'NotAllowedError' ? 'denied' : 'missing');
      return;
    }
    await import(DECODER).catch(() => {}); // without it, the number can still be typed
    if (turn !== this.#turn || !window.jsQR) { // closed while the browser was asking
      for (const track of stream.getTracks()) track.stop();
      if (turn === this.#turn) this.#set('missing');
      return;
    }
    [this.#track] = stream.getVideoTracks();
    this.video.srcObject = stream;
    this.video.play().catch(() => {});
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
    setTimeout(() => { if (turn === this.#turn) this.close(); }, LONGEST_MS);
    this.#set('on');
  }

  close() {
    this.#turn += 1;
    clearInterval(this.#timer);
    this.#track?.stop();
    this.#track = null;
    this.video.srcObject = null;
    if (this.phase !== 'off') this.#set('off');
  }

  #look() {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth) return;
    const height = Math.round((WIDTH * videoHeight) / videoWidth);
    const pen = new OffscreenCanvas(WIDTH, height).getContext('2d', { willReadFrequently: true });
    pen.drawImage(this.video, 0, 0, WIDTH, height);
    const found = window.jsQR(pen.getImageData(0, 0, WIDTH, height).data, WIDTH, height, { inversionAttempts: 'dontInvert' });
    const text = found?.data.trim() ?? '';
    if (text.length < SHORTEST || text.length > LONGEST) return; // some other code
    this.close();
    this.#read(text);
  }

  #set(phase) {
    this.phase = phase;
    this.#changed();
  }
}
