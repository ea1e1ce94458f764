// The officer's sound and picture: played while the server says that we hear and see him, gone at
// once when it no longer does.

import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { el } from '../element.js';

const STALLED_MS = 2500;

/** Event `blocked`: the browser wants a touch before it plays sound, or no longer does. */
export class Playback extends EventTarget {
  blocked = false;
  #audio = el('audio', {});
  #video = el('video', { class: 'pic', playsinline: true });
  #sign = el('span', { class: 'sign' }, icon('person'));
  #waiting = el('p', {});
  #name = el('span', {});
  #videoTrack = null;
  #hears = false;
  #sees = false;
  #lastFrame = 0;

  constructor() {
    super();
    this.#audio.muted = true;
    this.#video.muted = true;
    /** The officer's picture with its words; stands in whatever screen shows it. */
    this.view = el(
      'div',
      { class: 'view onair' },
      this.#video,
      el('div', { class: 'view__none' }, this.#sign, this.#waiting),
      el('p', { class: 'view__word' }, icon('person'), this.#name),
    );
    this.#audio.addEventListener('pause', () => this.#play());
    document.addEventListener('pointerdown', () => this.#play());
    document.addEventListener('keydown', () => this.#play());
    setInterval(() => this.#judge(), 500);
  }

  setTrack(track) {
    if (track.kind === 'audio') {
      this.#audio.srcObject = new MediaStream([track]);
      this.#play();
    } else {
      this.#videoTrack = track;
      this.#attach();
    }
  }

  /** What the server says: `sightOf`'s answer. */
  show({ hears, officerSeen: sees, officer, oneWay }) {
    const words = oneWay ? 'officer.announces' : officer ? 'officer.named' : 'officer';
    this.#name.textContent = t(words, { name: officer });
    this.view.classList.toggle('onair--one', oneWay);
    if (hears !== this.#hears) {
      this.#hears = hears;
      this.#audio.muted = !hears;
      if (hears) this.#play();
      else this.#setBlocked(false);
    }
    if (sees !== this.#sees) {
      this.#sees = sees;
      this.#attach();
    }
    this.#judge();
  }

  /** After the view was moved to another place of the page. */
  resume() {
    if (this.#sees && this.#video.srcObject) this.#video.play().catch(() => {});
  }

  /** Without a source the element forgets the last frame. */
  #attach() {
    this.#lastFrame = 0;
    this.view.classList.remove('is-live');
    const track = this.#sees ? this.#videoTrack : null;
    this.#video.srcObject = track ? new MediaStream([track]) : null;
    if (!track) return;
    this.#video.play().catch(() => {});
    const stream = this.#video.srcObject;
    const frame = () => {
      if (this.#video.srcObject !== stream) return;
      this.#lastFrame = performance.now();
      this.view.classList.add('is-live');
      this.#video.requestVideoFrameCallback(frame);
    };
    this.#video.requestVideoFrameCallback(frame);
  }

  /** Never a frozen picture. */
  #judge() {
    if (performance.now() - this.#lastFrame > STALLED_MS) this.view.classList.remove('is-live');
    this.#waiting.textContent = t(this.#sees ? 'officer.picture_coming' : 'officer.no_picture');
  }

  #play() {
    if (!this.#audio.srcObject || !this.#audio.paused) return;
    this.#audio.play().then(
      () => this.#setBlocked(false),
      (problem) => this.#setBlocked(problem.name === 'NotAllowedError' && this.#hears),
    );
  }

  #setBlocked(blocked) {
    if (blocked === this.blocked) return;
    this.blocked = blocked;
    this.dispatchEvent(new Event('blocked'));
  }
}
