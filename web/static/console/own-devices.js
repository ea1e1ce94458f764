// The officer's camera, microphone and loudspeaker: chosen once, remembered, picked up again.

const KEPT_AS = 'vcs.console.devices';
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
export const CAMERA = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 24, max: 30 } };
const STATE_OF_ERROR = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotReadableError: 'busy',
  AbortError: 'busy',
};
const RETRY_MS = 2000;
const REPLACED_TOLD_MS = 10_000;

/**
 * Event `change`: something below changed. `microphone` and `camera` are each off, ok, missing,
 * denied, busy or ended. `replaced` is, for ten seconds, the label of a microphone that took another
 * one's place.
 */
export class OwnDevices extends EventTarget {
  microphone = 'off';
  camera = 'off';
  replaced = null;
  found = { microphone: [], camera: [], loudspeaker: [] }; // [{id, label}]
  choice = { microphone: '', camera: '', loudspeaker: '', cameraOn: true, ...kept() };
  #tracks = { microphone: null, camera: null };
  #opening = Promise.resolve();
  #retry = null;
  #label = null;

  /** The live track of `microphone` or `camera`, or null. */
  track(name) {
    return this.#tracks[name];
  }

  /** Asks for both in one question of the browser; what fails is tried again. */
  open() {
    navigator.mediaDevices?.addEventListener('devicechange', () => {
      this.#list();
      this.#fill();
    });
    return this.#fill(true);
  }

  /** Changes the choice: {microphone, camera, loudspeaker: ids, cameraOn}. */
  async choose(change) {
    Object.assign(this.choice, change);
    localStorage.setItem(KEPT_AS, JSON.stringify(this.choice));
    if (change.microphone !== undefined) this.#drop('microphone', 'off');
    if (change.camera !== undefined || change.cameraOn === false) this.#drop('camera', 'off');
    this.replaced = null;
    this.#label = null;
    this.#changed();
    await this.#fill();
  }

  #fill(together = false) {
    this.#opening = this.#opening.then(() => this.#open(together));
    return this.#opening;
  }

  async #open(together) {
    clearTimeout(this.#retry);
    const wanted = [];
    if (!this.#tracks.microphone) wanted.push('microphone');
    if (!this.#tracks.camera && this.choice.cameraOn) wanted.push('camera');
    if (!wanted.length) return;
    const whole = together && wanted.length === 2 && (await this.#ask(wanted)) === null;
    if (!whole) {
      for (const name of wanted) {
        const problem = await this.#ask([name]);
        if (problem) this[name] = problem;
      }
    }
    await this.#list();
    this.#changed();
    const states = [this.microphone, this.choice.cameraOn ? this.camera : 'off'];
    // A refusal stands until the officer changes it: asking again would only show it again.
    if (states.some((state) => !['ok', 'off', 'denied'].includes(state))) {
      this.#retry = setTimeout(() => this.#fill(), RETRY_MS);
    }
  }

  /** Null when all are live now, else the state that tells why not. */
  async #ask(names) {
    const wish = {};
    if (names.includes('microphone')) wish.audio = { ...MICROPHONE, ...chosen(this.choice.microphone) };
    if (names.includes('camera')) wish.video = { ...CAMERA, ...chosen(this.choice.camera) };
    if (!navigator.mediaDevices) return 'denied'; // not a secure page
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wish);
      for (const track of stream.getTracks()) this.#live(track);
      return null;
    } catch (problem) {
      return STATE_OF_ERROR[problem.name] ?? 'missing';
    }
  }

  #live(track) {
    const name = track.kind === 'audio' ? 'microphone' : 'camera';
    this.#tracks[name] = track;
    this[name] = track.muted ? 'ended' : 'ok';
    if (name === 'microphone') {
      if (this.#label !== null && this.#label !== track.label) this.#tellReplaced(track.label);
      this.#label = track.label;
    }
    // `mute`: the system took the sound away, as good as unplugged.
    const judge = () => {
      if (this.#tracks[name] !== track) return;
      if (track.readyState === 'ended') {
        this.#drop(name, 'ended');
        this.#changed();
        this.#fill();
      } else {
        this[name] = track.muted ? 'ended' : 'ok';
        this.#changed();
      }
    };
    for (const event of ['ended', 'mute', 'unmute']) track.addEventListener(event, judge);
  }

  #tellReplaced(label) {
    this.replaced = label;
    setTimeout(() => {
      if (this.replaced !== label) return;
      this.replaced = null;
      this.#changed();
    }, REPLACED_TOLD_MS);
  }

  #drop(name, state) {
    this.#tracks[name]?.stop();
    this.#tracks[name] = null;
    this[name] = state;
  }

  async #list() {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    const of = (kind) =>
      all.filter((each) => each.kind === kind && each.deviceId).map(({ deviceId, label }) => ({ id: deviceId, label }));
    this.found = { microphone: of('audioinput'), camera: of('videoinput'), loudspeaker: of('audiooutput') };
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** A device that is not there any more is no reason to have none. */
function chosen(id) {
  return id ? { deviceId: { ideal: id } } : {};
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT_AS)) ?? {};
  } catch {
    return {}; // written by something else
  }
}
