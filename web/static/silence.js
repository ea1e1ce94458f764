// Notices that nothing arrives on a peer connection any more: Chromium says `disconnected` only
// after five to seven seconds.

const LOOK_EVERY_MS = 500;
const MEDIA_SILENT_MS = 2800; // something came all the time: reports do while we send, media else
const STREAM_SILENT_MS = 700; // packets came close together, as several people's sound does
const STREAM_PER_S = 25;
const CHECKS_SILENT_MS = 6000; // nothing but answers to ICE checks, each 2.5 s, and one may be lost

/** Looks at `pc` and calls `silent` at each look at which nothing has come for too long; `doubt`
 *  earlier, where packets came close together until then. */
export class SilenceWatch {
  #pc;
  #silent;
  #doubt;
  #timer;
  #octets = 0;
  #packets = 0;
  #lookedAt = 0;
  #rates = [0, 0]; // packets a second between the last looks; in the newest they may have ended
  #answers = 0;
  #flowing = false;
  #heardAt = null;

  constructor(pc, silent, doubt) {
    this.#pc = pc;
    this.#silent = silent;
    this.#doubt = doubt;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** True while nothing comes over a path that has carried something before. */
  get silent() {
    const limit = this.#flowing ? MEDIA_SILENT_MS : CHECKS_SILENT_MS;
    return this.#heardAt !== null && performance.now() - this.#heardAt > limit;
  }

  /** True while media comes. */
  get heard() {
    return this.#flowing && !this.silent;
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = null;
  }

  async #look() {
    const report = await this.#pc.getStats();
    for (const entry of report.values()) {
      if (entry.type === 'transport') this.#heard(entry, report.get(entry.selectedCandidatePairId));
    }
    if (this.#timer === null) return;
    if (this.silent) this.#silent();
    else if (Math.max(...this.#rates) >= STREAM_PER_S && performance.now() - this.#heardAt > STREAM_SILENT_MS) this.#doubt();
  }

  #heard({ bytesReceived: octets = 0, packetsReceived: packets = 0 }, pair) {
    const now = performance.now();
    const seconds = (now - this.#lookedAt) / 1000;
    const came = packets - this.#packets;
    this.#lookedAt = now;
    this.#packets = packets;
    if (came > 0) this.#rates = [this.#rates[1], came / seconds];
    const answers = pair?.responsesReceived ?? this.#answers; // no pair while a path is being changed
    if (octets === this.#octets && answers === this.#answers) return;
    this.#flowing = octets > this.#octets;
    this.#octets = octets;
    this.#answers = answers;
    this.#heardAt = now;
  }
}
