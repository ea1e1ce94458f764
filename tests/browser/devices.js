// Runs in the page before its own scripts: a camera and a microphone of its own for each page, and
// ears and eyes for the test. Several booths in one browser need different pictures and tones, and
// the browser's fake devices are the same for all.
(() => {
  const { tone, hue, label, width, height, fps } = window.testPerson;
  const made = { audio: null, video: null };
  let plugged = { audio: true, video: true };
  const HELD_EVERY = 3; // of the frames: large ones are not sent as often
  let held = null; // what is held before the main camera, filling its picture

  // The second camera of those that have one, which a later script says: {width, height, hue, label,
  // name}.
  const paper = () => window.testPerson.paper ?? null;
  const PAPER = 'paper';
  let paperTrack = null;
  let paperPlugged = true;

  function camera(one = { width, height, hue, label }) {
    const canvas = document.createElement('canvas');
    canvas.width = one.width;
    canvas.height = one.height;
    const pen = canvas.getContext('2d');
    let frame = 0;
    const fit = (size) => {
      const fits = canvas.width === size.width && canvas.height === size.height;
      if (!fits) Object.assign(canvas, size); // and it is empty
      return fits;
    };
    const draw = () => {
      frame += 1;
      if (held && one.name === undefined) {
        const fits = fit({ width: held.width, height: held.height });
        if (!fits || frame % HELD_EVERY === 0) pen.drawImage(held, 0, 0);
        return;
      }
      fit({ width: one.width, height: one.height });
      pen.fillStyle = `hsl(${one.hue} 90% 45%)`;
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.fillStyle = '#fff';
      pen.font = `${canvas.height / 3}px sans-serif`;
      pen.fillText(one.label, canvas.width / 16, canvas.height * 0.4);
      // Moves, so that a frozen picture differs from a live one.
      const side = canvas.height / 8;
      pen.fillRect(((frame * canvas.width) / 70) % canvas.width, canvas.height * 0.8, side, side);
    };
    draw();
    const timer = setInterval(draw, 1000 / fps);
    const track = canvas.captureStream(fps).getVideoTracks()[0];
    const stop = track.stop.bind(track);
    track.stop = () => { clearInterval(timer); stop(); };
    return track;
  }

  // One for the page, without a loudspeaker and with long blocks: seven pages share two cores.
  const BLOCK = 2048;
  let shared = null;
  function audioContext() {
    shared ??= new AudioContext({
      sampleRate: 48000, latencyHint: 'playback', renderSizeHint: BLOCK, sinkId: { type: 'none' },
    });
    return shared;
  }

  function microphone() {
    const context = audioContext();
    const oscillator = new OscillatorNode(context, { frequency: tone });
    const gain = new GainNode(context, { gain: 0.4 });
    const out = new MediaStreamAudioDestinationNode(context);
    oscillator.connect(gain).connect(out);
    oscillator.start();
    const track = out.stream.getAudioTracks()[0];
    const stop = track.stop.bind(track);
    track.stop = () => { stop(); oscillator.stop(); };
    return track;
  }

  const make = { audio: microphone, video: () => camera() };
  const devices = navigator.mediaDevices;
  devices.getUserMedia = async (wish) => {
    const tracks = [];
    for (const kind of ['audio', 'video']) {
      if (!wish[kind]) continue;
      const exact = wish[kind].deviceId?.exact;
      if (kind === 'video' && exact === PAPER) {
        if (!paper() || !paperPlugged) throw new DOMException('no such device', 'NotFoundError');
        paperTrack = camera(paper());
        tracks.push(paperTrack);
        continue;
      }
      if (!plugged[kind]) throw new DOMException('no such device', 'NotFoundError');
      made[kind] = make[kind]();
      tracks.push(made[kind]);
    }
    window.testDevices.opened += 1;
    return new MediaStream(tracks);
  };
  devices.enumerateDevices = async () => [
    ...(plugged.audio ? [{ kind: 'audioinput', deviceId: 'mic', groupId: 'g', label: 'Test microphone' }] : []),
    ...(plugged.video ? [{ kind: 'videoinput', deviceId: 'cam', groupId: 'g', label: 'Test camera' }] : []),
    ...(paper() && paperPlugged ? [{ kind: 'videoinput', deviceId: PAPER, groupId: 'p', label: paper().name }] : []),
  ];
  window.testDevices = {
    opened: 0,
    /** The camera sees this picture and nothing else, in its size; null: as before. Gives the
     *  size. */
    async hold(url) {
      held = url && await createImageBitmap(await (await fetch(url)).blob());
      return held && [held.width, held.height];
    },
    live: (kind) => (kind === PAPER ? paperTrack : made[kind])?.readyState === 'live',
    unplug(kind) {
      if (kind === PAPER) {
        paperPlugged = false;
        paperTrack?.stop();
        paperTrack?.dispatchEvent(new Event('ended'));
        devices.dispatchEvent(new Event('devicechange'));
        return;
      }
      plugged = { ...plugged, [kind]: false };
      const track = made[kind];
      track.stop();
      track.dispatchEvent(new Event('ended'));
      devices.dispatchEvent(new Event('devicechange'));
    },
    plug(kind) {
      if (kind === PAPER) paperPlugged = true;
      plugged = { ...plugged, [kind]: true };
      devices.dispatchEvent(new Event('devicechange'));
    },
  };

  // --- ears: raw samples of every sound that arrives ---------------------------------------------

  const STALLED_MS = 10_000;
  const heard = new Map(); // mid -> its worklet
  const mids = new Map(); // id of a track that arrives -> mid
  const loudspeakers = new Set(); // the page's own elements

  // The page's audio elements stand outside the document: known by being played.
  const nativePlay = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function play() {
    if (this.tagName === 'AUDIO') loudspeakers.add(this);
    return nativePlay.call(this);
  };

  async function listen(mid, track) {
    mids.set(track.id, mid);
    const context = audioContext();
    await context.audioWorklet.addModule(window.testPerson.ears);
    // Chromium delivers a remote track's samples only while an element plays it.
    const element = new Audio();
    element.srcObject = new MediaStream([track]);
    element.muted = true;
    nativePlay.call(element);
    const node = new AudioWorkletNode(context, 'ears', { numberOfOutputs: 0 });
    context.createMediaStreamSource(new MediaStream([track])).connect(node);
    heard.set(mid, node);
  }

  let asked = 0;
  const waiting = new Set(); // ends of windows that are waited for

  /** The next whole window of samples that arrive at one worklet; null when the connection that it
   *  listens to was replaced meanwhile. */
  function nextWindow(node, since) {
    asked += 1;
    const id = asked;
    return new Promise((done, failed) => {
      const giveUp = setTimeout(() => failed(new Error('the meter stands still')), STALLED_MS);
      const end = (samples) => {
        clearTimeout(giveUp);
        waiting.delete(end);
        node.port.removeEventListener('message', take);
        done(samples);
      };
      const take = ({ data }) => {
        if (data.id === id) end(data.samples);
      };
      waiting.add(end);
      node.port.addEventListener('message', take);
      node.port.start();
      node.port.postMessage({ id, since });
    });
  }

  /** Fades a window of samples in and out (Hann), so that a loud tone does not spread to others. */
  function faded(samples) {
    const turn = (2 * Math.PI) / (samples.length - 1);
    return samples.map((sample, i) => sample * (0.5 - 0.5 * Math.cos(turn * i)));
  }

  /** Level in dBFS of a sine at `frequency` in faded samples (Goertzel). */
  function level(samples, frequency) {
    const turn = (2 * Math.PI * frequency) / 48000;
    const factor = 2 * Math.cos(turn);
    let a = 0;
    let b = 0;
    for (let i = 0; i < samples.length; i += 1) {
      const next = samples[i] + factor * a - b;
      b = a;
      a = next;
    }
    const power = a * a + b * b - factor * a * b;
    // A full-scale sine under this window has a quarter of the samples' number as its magnitude.
    return 20 * Math.log10(Math.sqrt(Math.max(power, 0)) / (samples.length / 4) + 1e-9);
  }

  window.testEars = {
    /** {mid: {frequency: dBFS}} of every sound that arrives from now on, for as long as the meter's
     *  window is: nothing of before is in it, however late a busy page looks. */
    levels: async (frequencies) => {
      const since = audioContext().currentTime;
      let sounds;
      do {
        sounds = await Promise.all(
          [...heard].map(async ([mid, node]) => [mid, await nextWindow(node, since)]),
        );
      } while (sounds.some(([, samples]) => samples === null));
      return Object.fromEntries(sounds.map(([mid, samples]) => {
        const whole = faded(samples);
        return [mid, Object.fromEntries(frequencies.map((f) => [f, level(whole, f)]))];
      }));
    },
    /** The mids of the sounds that the page plays aloud. */
    aloud: () => [...loudspeakers]
      .filter((each) => !each.muted && !each.paused && each.volume > 0 && each.srcObject)
      .flatMap((each) => each.srcObject.getAudioTracks().map(({ id }) => mids.get(id))),
  };

  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      heard.clear();
      mids.clear();
      for (const end of [...waiting]) end(null);
      this.addEventListener('track', ({ track, transceiver }) => {
        if (track.kind !== 'audio') return;
        const wait = setInterval(() => {
          if (transceiver.mid === null) return;
          clearInterval(wait);
          listen(transceiver.mid, track);
        }, 20);
      });
    }
  };

  // --- eyes --------------------------------------------------------------------------------------

  /** What a video element shows: its hue in degrees and whether it moves; null when it shows none. */
  window.testEyes = async (element) => {
    if (!element || !element.srcObject || element.videoWidth === 0) return null;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return null;
    const look = () => {
      const canvas = new OffscreenCanvas(64, 36);
      const pen = canvas.getContext('2d');
      pen.drawImage(element, 0, 0, 64, 36);
      return pen.getImageData(0, 0, 64, 36).data;
    };
    const first = look();
    await new Promise((done) => setTimeout(done, 250));
    const second = look();
    let x = 0;
    let y = 0;
    let moved = 0;
    for (let i = 0; i < second.length; i += 4) {
      const [r, g, b] = [second[i], second[i + 1], second[i + 2]];
      // The colour wheel as a plane: the mean of hues is the angle of their sum.
      x += r - (g + b) / 2;
      y += (Math.sqrt(3) / 2) * (g - b);
      moved += Math.abs(second[i] - first[i]) + Math.abs(second[i + 1] - first[i + 1]);
    }
    const strength = Math.hypot(x, y) / (second.length / 4);
    return {
      hue: strength < 8 ? null : ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360,
      moves: moved > 200,
      width: element.videoWidth,
    };
  };
})();
