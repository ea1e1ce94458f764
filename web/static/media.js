// One peer connection to the server: fixed sections, tracks attached and taken away without
// renegotiation, and repair by itself.

import { SilenceWatch } from './silence.js';
import { fitCapture, fitEncodings } from './simulcast.js';

const CONNECT_WITHIN_MS = 8000;
const REPAIR_WITHIN_MS = 5000;
const REFUSED_PAUSE_MS = 2000;

/**
 * `sections` in the order in which they are offered:
 *   {kind: 'audio' | 'video', direction: 'sendonly' | 'recvonly', encodings?: RTCRtpEncodingParameters[],
 *    wish?: what was asked of the camera, so that it can be asked for less}
 * `signal` is a `Signal`; the server's peer lives and dies with its socket, so a new connection is
 * made after each welcome and closed with the socket. While the socket lives, ICE is restarted when
 * the network has changed, when nothing arrives, and when the browser calls the path lost. Events:
 * `up`, `down`, `track` (detail {index, track}: what a receiving section carries, anew for each
 * connection).
 */
export class MediaLink extends EventTarget {
  #signal;
  #sections;
  #iceServers = [];
  #tracks;
  #step = 'full';
  #lifted = 0; // how many want the whole camera for a moment
  #pc = null;
  #transceivers = [];
  #up = false;
  #offers = 0;
  #watch = null; // runs out when a connection or its repair takes too long
  #last = new Map(); // stats id -> what it said last time
  #silence = null;
  #onWelcome = (event) => this.#welcomed(event.detail);
  #onDown = () => this.#close();
  #onMessage = ({ detail }) => {
    if (detail.type === 'ice_servers') this.#renewed(detail.ice_servers);
  };
  #onNetwork = () => this.restartIce();

  constructor({ signal, sections }) {
    super();
    this.#signal = signal;
    this.#sections = sections;
    this.#tracks = sections.map(() => null);
    signal.addEventListener('welcome', this.#onWelcome);
    signal.addEventListener('down', this.#onDown);
    signal.addEventListener('message', this.#onMessage);
    signal.addEventListener('network', this.#onNetwork);
    if (signal.up) this.#build();
  }

  /** True while packets can flow. */
  get up() {
    return this.#up;
  }

  /** True while media comes from the server. */
  get heard() {
    return this.#up && this.#silence?.heard === true;
  }

  /** Sends `track` in this section from now on, null: nothing. */
  setTrack(index, track) {
    this.#tracks[index] = track;
    return this.#transceivers[index] ? this.#attach(index, track) : Promise.resolve();
  }

  /** How much of the camera is sent from now on (see `adaptation.js`). */
  async setStep(step) {
    this.#step = step;
    if (this.#lifted === 0) await this.#fit();
  }

  /** Does `work` while the camera gives all that it can, whatever the step; then the step holds
   *  again. Resolves or rejects as `work` does. */
  async inFull(work) {
    this.#lifted += 1;
    try {
      if (this.#step !== 'full') await this.#fit();
      return await work();
    } finally {
      this.#lifted -= 1;
      // Nobody who wants the picture has to wait for this.
      if (this.#lifted === 0 && this.#step !== 'full') this.#fit().catch((problem) => console.warn('step:', problem.name));
    }
  }

  get #stepNow() {
    return this.#lifted > 0 ? 'full' : this.#step;
  }

  async #fit() {
    await Promise.all(this.#tracks.map((track, index) => {
      if (track?.kind !== 'video') return null;
      if (this.#transceivers[index]) return this.#attach(index, track);
      const { wish } = this.#sections[index];
      return wish ? fitCapture(track, wish, this.#stepNow) : null;
    }));
  }

  /** The browser's own `RTCStatsReport`, null while there is no connection. */
  report() {
    return this.#pc?.getStats() ?? Promise.resolve(null);
  }

  /** The `RTCRtpReceiver` of a receiving section, null while there is no connection. */
  receiver(index) {
    return this.#transceivers[index]?.receiver ?? null;
  }

  /** The `RTCRtpSender` of a sending section, null while there is no connection. */
  sender(index) {
    return this.#transceivers[index]?.sender ?? null;
  }

  /** New ICE credentials over the same connection; after 5 s without success a new connection. */
  restartIce() {
    const pc = this.#pc;
    if (!pc || !this.#signal.up || pc.signalingState === 'closed') return;
    pc.restartIce();
    this.#rebuildUnlessUp(REPAIR_WITHIN_MS);
    this.#offer(pc);
  }

  stop() {
    this.#signal.removeEventListener('welcome', this.#onWelcome);
    this.#signal.removeEventListener('down', this.#onDown);
    this.#signal.removeEventListener('message', this.#onMessage);
    this.#signal.removeEventListener('network', this.#onNetwork);
    this.#close();
  }

  /** What the link is like: {up, rtt_ms, available_kbps, sent: [...], received: [...]}; rates and
   *  losses are since the last call. `loss` is a share from 0 to 1, null when unknown. */
  async stats() {
    const summary = { up: this.#up, rtt_ms: null, available_kbps: null, sent: [], received: [] };
    const pc = this.#pc;
    if (!pc) return summary;
    const report = await pc.getStats();
    const heard = new Map();
    for (const entry of report.values()) {
      if (entry.type === 'remote-inbound-rtp') heard.set(entry.localId, entry);
    }
    for (const entry of report.values()) {
      if (entry.type === 'candidate-pair' && entry.nominated && entry.state === 'succeeded') {
        summary.rtt_ms = inMilliseconds(entry.currentRoundTripTime);
        summary.available_kbps = inKilobits(entry.availableOutgoingBitrate);
      } else if (entry.type === 'outbound-rtp') {
        summary.sent.push(this.#sent(entry, heard.get(entry.id)));
      } else if (entry.type === 'inbound-rtp') {
        summary.received.push(this.#received(entry));
      }
    }
    return summary;
  }

  #sent(entry, heard) {
    const since = this.#since(entry, ['bytesSent']);
    return {
      kind: entry.kind,
      mid: entry.mid,
      rid: entry.rid ?? null,
      active: entry.active ?? true,
      width: entry.frameWidth ?? null,
      height: entry.frameHeight ?? null,
      fps: entry.framesPerSecond ?? null,
      kbps: rate(since.bytesSent * 8, since.seconds),
      limited: entry.qualityLimitationReason ?? null,
      loss: heard?.fractionLost ?? null,
    };
  }

  #received(entry) {
    const since = this.#since(entry, ['bytesReceived', 'packetsReceived', 'packetsLost', 'freezeCount']);
    const expected = since.packetsReceived + since.packetsLost;
    return {
      kind: entry.kind,
      mid: entry.mid,
      width: entry.frameWidth ?? null,
      height: entry.frameHeight ?? null,
      fps: entry.framesPerSecond ?? null,
      kbps: rate(since.bytesReceived * 8, since.seconds),
      loss: expected > 0 ? Math.max(0, since.packetsLost) / expected : null,
      freezes: since.freezeCount,
      jitter_ms: inMilliseconds(entry.jitter),
    };
  }

  /** Growth of some counters since the last call. */
  #since(entry, names) {
    const before = this.#last.get(entry.id);
    this.#last.set(entry.id, entry);
    const grown = { seconds: before ? (entry.timestamp - before.timestamp) / 1000 : 0 };
    for (const name of names) grown[name] = (entry[name] ?? 0) - (before?.[name] ?? 0);
    return grown;
  }

  #welcomed(welcome) {
    this.#iceServers = welcome.ice_servers;
    this.#build();
  }

  /** New credentials are for the next restart; a path in use goes on with those it has. */
  #renewed(iceServers) {
    this.#iceServers = iceServers;
    const configuration = this.#pc?.getConfiguration();
    this.#pc?.setConfiguration({ ...configuration, iceServers: iceServers.map(asRtcIceServer) });
  }

  #build() {
    this.#close();
    const pc = new RTCPeerConnection({
      bundlePolicy: 'max-bundle',
      iceServers: this.#iceServers.map(asRtcIceServer),
    });
    this.#pc = pc;
    this.#transceivers = this.#sections.map((section) => {
      const transceiver = pc.addTransceiver(section.kind, {
        direction: section.direction,
        sendEncodings: section.encodings ?? [],
      });
      if (section.kind === 'video') preferVp8(transceiver);
      return transceiver;
    });
    this.#tracks.forEach((track, index) => track && this.#attach(index, track));
    pc.ontrack = ({ transceiver, track }) => {
      const index = this.#transceivers.indexOf(transceiver);
      if (index >= 0) this.#emit('track', { index, track });
    };
    pc.onconnectionstatechange = () => this.#judge(pc);
    pc.oniceconnectionstatechange = () => {
      if (['disconnected', 'failed'].includes(pc.iceConnectionState)) this.restartIce();
    };
    const unlessUnderRepair = (act) => () => this.#watch === null && act();
    this.#silence = new SilenceWatch(
      pc,
      unlessUnderRepair(() => this.restartIce()),
      unlessUnderRepair(() => this.#signal.prove()),
    );
    this.#rebuildUnlessUp(CONNECT_WITHIN_MS);
    this.#offer(pc);
  }

  #judge(pc) {
    if (pc !== this.#pc) return;
    const up = pc.connectionState === 'connected';
    if (up) {
      clearTimeout(this.#watch);
      this.#watch = null;
    } else if (pc.connectionState === 'failed') {
      this.#rebuildUnlessUp(REPAIR_WITHIN_MS);
    }
    this.#tell(up);
  }

  /** A repair under way keeps its own time. */
  #rebuildUnlessUp(within_ms) {
    this.#watch ??= setTimeout(() => {
      this.#watch = null;
      const up = this.#pc?.connectionState === 'connected' && !this.#silence.silent;
      if (this.#signal.up && !up) this.#build();
    }, within_ms);
  }

  async #offer(pc) {
    this.#offers += 1;
    const offer = this.#offers;
    try {
      await pc.setLocalDescription();
      const { sdp } = await this.#signal.request({ type: 'offer', sdp: pc.localDescription.sdp });
      if (offer === this.#offers) await pc.setRemoteDescription({ type: 'answer', sdp });
    } catch (problem) {
      // Overtaken by a later offer, or by a welcome that brings one.
      if (offer !== this.#offers || pc !== this.#pc || !this.#signal.up) return;
      console.warn('offer failed:', problem.code ?? problem.name, problem.message);
      clearTimeout(this.#watch);
      this.#watch = setTimeout(() => {
        this.#watch = null;
        // A server that refuses this connection's offer forgets us with the socket.
        if (pc === this.#pc) this.#signal.reconnect();
      }, REFUSED_PAUSE_MS);
    }
  }

  async #attach(index, track) {
    const { sender } = this.#transceivers[index];
    try {
      await sender.replaceTrack(track);
      if (track?.kind !== 'video') return;
      const { wish } = this.#sections[index];
      if (wish) await fitCapture(track, wish, this.#stepNow);
      await fitEncodings(sender, track, this.#stepNow);
    } catch (problem) {
      // A connection that was closed meanwhile: the next one attaches the track again.
      if (this.#transceivers.some((transceiver) => transceiver.sender === sender)) throw problem;
    }
  }

  #close() {
    clearTimeout(this.#watch);
    this.#watch = null;
    this.#last.clear();
    this.#silence?.stop();
    this.#silence = null;
    const pc = this.#pc;
    this.#pc = null;
    this.#transceivers = [];
    if (pc) {
      pc.ontrack = pc.onconnectionstatechange = pc.oniceconnectionstatechange = null;
      pc.close();
    }
    this.#tell(false);
  }

  #tell(up) {
    if (up === this.#up) return;
    this.#up = up;
    this.#emit(up ? 'up' : 'down', null);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** VP8 first: its layers are thinned by temporal id on the server. Repairs (rtx) stay. */
function preferVp8(transceiver) {
  const { codecs } = RTCRtpReceiver.getCapabilities('video');
  const isVp8 = ({ mimeType }) => mimeType.toLowerCase() === 'video/vp8';
  transceiver.setCodecPreferences([...codecs.filter(isVp8), ...codecs.filter((c) => !isVp8(c))]);
}

/** Of the server's word what `RTCPeerConnection` takes; null is no credential there. */
function asRtcIceServer({ urls, username, credential }) {
  return username === null ? { urls } : { urls, username, credential };
}

function rate(bits, seconds) {
  return seconds > 0 ? Math.round(bits / seconds / 1000) : null;
}

function inMilliseconds(seconds) {
  return seconds === undefined ? null : Math.round(seconds * 1000);
}

function inKilobits(bits) {
  return bits === undefined ? null : Math.round(bits / 1000);
}
