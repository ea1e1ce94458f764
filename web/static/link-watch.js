// A page's eye on its own link and its own computer: tells the server, and sends less when the
// computer is too weak.

import { Adaptation } from './adaptation.js';
import { LinkSample } from './link-sample.js';

const SAMPLE_EVERY_MS = 2000;
const REPORT_EVERY_MS = 5000;

export class LinkWatch {
  #signal;
  #media;
  #flows;
  #adaptation;
  #sample = new LinkSample();
  #reportedAt = -Infinity;

  /** `steps` of the adaptation; `flows(index)`: something is to arrive in this section now. */
  constructor({ signal, media, steps, flows }) {
    this.#signal = signal;
    this.#media = media;
    this.#flows = flows;
    this.#adaptation = new Adaptation(steps);
    media.addEventListener('down', () => {
      this.#sample = new LinkSample();
      this.#reportedAt = -Infinity; // the next connection is told of at once
    });
    setInterval(() => this.#look(), SAMPLE_EVERY_MS);
  }

  async #look() {
    const sample = this.#sample;
    const report = this.#media.up ? await this.#media.report() : null;
    if (report === null || sample !== this.#sample) return;
    const { received, sent, interval_ms } = sample.read(report, this.#flows);
    const now = performance.now();
    const { step } = this.#adaptation;
    if (sent) {
      const { limitation, encode_ms } = sent;
      const next = this.#adaptation.note({ at_ms: now, limitation, encode_ms, interval_ms });
      if (next !== step) this.#media.setStep(next);
    }
    if (now - this.#reportedAt < REPORT_EVERY_MS - SAMPLE_EVERY_MS / 2) return;
    this.#reportedAt = now;
    sample.told();
    this.#signal.send({ type: 'link_report', received, sent: sent && { ...sent, step } });
  }
}
