// Runs in a page before its own scripts: a camera and a microphone with a tone of their own, an ear
// on every sound that arrives, and a diary of keys, commands, answers and sounds. All times are
// milliseconds of the wall clock, which the pages and who drives them have in common.
(() => {
  const { tone, hue, width, height, fps, ear } = window.sixBoothsPerson;
  let diary = [];
  const note = (what, fields = {}) => diary.push({ what, at: Date.now(), ...fields });

  // --- camera and microphone ---------------------------------------------------------------------

  function camera() {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext('2d');
    let frame = 0;
    const draw = () => {
      pen.fillStyle = `hsl(${hue} 60% 45%)`;
      pen.fillRect(0, 0, width, height);
      pen.fillStyle = '#fff';
      pen.fillRect((frame * 3) % width, height * 0.7, height / 8, height / 8);
      frame += 1;
    };
    draw();
    const timer = setInterval(draw, 1000 / fps);
    const track = canvas.captureStream(fps).getVideoTracks()[0];
    const stop = track.stop.bind(track);
    track.stop = () => {
      clearInterval(timer);
      stop();
    };
    return track;
  }

  function microphone() {
    const context = new AudioContext();
    const oscillator = new OscillatorNode(context, { frequency: tone });
    const gain = new GainNode(context, { gain: 0.1 });
    const out = new MediaStreamAudioDestinationNode(context);
    oscillator.connect(gain).connect(out);
    oscillator.start();
    const track = out.stream.getAudioTracks()[0];
    const stop = track.stop.bind(track);
    track.stop = () => {
      stop();
      context.close();
    };
    return track;
  }

  const devices = navigator.mediaDevices;
  devices.getUserMedia = async ({ audio, video }) =>
    new MediaStream([...(audio ? [microphone()] : []), ...(video ? [camera()] : [])]);
  devices.enumerateDevices = async () => [
    { kind: 'audioinput', deviceId: 'mic', groupId: 'g', label: 'Tone' },
    { kind: 'videoinput', deviceId: 'cam', groupId: 'g', label: 'Canvas' },
  ];

  // --- keys, commands and answers ----------------------------------------------------------------

  const pressed = (event) => note('key', { at: performance.timeOrigin + event.timeStamp, key: event.key });
  addEventListener('keydown', pressed, true);
  // The end of an announcement is the release of its key.
  addEventListener('keyup', (event) => event.key === 'a' && pressed(event), true);

  const COMMANDS = ['talk', 'hold', 'announce'];
  const asked = new Set();
  let answers = 0;
  let wakeUp = () => {};

  const NativeSocket = window.WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        const message = JSON.parse(data);
        if (['ack', 'refused'].includes(message.type) && asked.delete(message.id)) {
          note(message.type);
          answers += 1;
          wakeUp();
        } else if (message.type === 'desk') {
          note('desk', { onAir: message.on_air, announcing: message.announcing });
        }
      });
    }

    send(data) {
      const message = JSON.parse(data);
      if (COMMANDS.includes(message.type)) {
        asked.add(message.id);
        note('sent');
      }
      super.send(data);
    }
  };

  // --- sounds ------------------------------------------------------------------------------------

  const ears = new Map(); // mid -> node
  const on = new Set(); // mids that are to be heard
  let sounded = () => {};
  const mids = new Map(); // id of a track that arrives -> mid
  const questions = new Map(); // id -> resolve
  let context = null;

  const nativePlay = HTMLMediaElement.prototype.play;
  const watched = new WeakSet(); // the page's own loudspeakers

  function loudspeaker(element) {
    const mid = mids.get(element.srcObject?.getAudioTracks()[0]?.id);
    if (mid === undefined) return;
    const aloud = !element.muted && !element.paused && element.volume > 0;
    note('aloud', { mid, aloud });
  }

  HTMLMediaElement.prototype.play = function play() {
    if (this.tagName === 'AUDIO' && !watched.has(this)) {
      watched.add(this);
      for (const event of ['volumechange', 'playing', 'pause', 'emptied']) {
        this.addEventListener(event, () => loudspeaker(this));
      }
    }
    return nativePlay.call(this);
  };

  async function listen(mid, track) {
    context ??= new AudioContext({ sampleRate: 48000 });
    await context.audioWorklet.addModule(ear);
    // Chromium delivers a remote track's samples only while an element plays it.
    const element = new Audio();
    element.srcObject = new MediaStream([track]);
    element.muted = true;
    nativePlay.call(element);
    const node = new AudioWorkletNode(context, 'ear', { numberOfOutputs: 0 });
    context.createMediaStreamSource(new MediaStream([track])).connect(node);
    node.port.onmessage = ({ data }) => {
      if (data.samples) questions.get(data.id)(data.samples);
      else {
        note('sound', { mid, ...data });
        if (data.on) on.add(mid);
        else on.delete(mid);
        sounded();
      }
    };
    ears.set(mid, node);
  }

  /** Blackman-Harris: the sound of an edge or of a neighbouring tone stays 92 dB below. */
  function windowAt(share) {
    const phase = 2 * Math.PI * share;
    return (
      0.35875 - 0.48829 * Math.cos(phase) + 0.14128 * Math.cos(2 * phase) - 0.01168 * Math.cos(3 * phase)
    );
  }

  /** One tone in dB below a sine of full scale (Goertzel). */
  function level(shaped, hertz) {
    const factor = 2 * Math.cos((2 * Math.PI * hertz) / context.sampleRate);
    let a = 0;
    let b = 0;
    for (const sample of shaped) [a, b] = [sample + factor * a - b, a];
    const power = Math.max(0, a * a + b * b - factor * a * b);
    return 20 * Math.log10((2 * Math.sqrt(power)) / (shaped.length * 0.35875) + 1e-9);
  }

  const NativeConnection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends NativeConnection {
    constructor(...args) {
      super(...args);
      note('connection');
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') note('connected', { since: performance.now() });
      });
      this.addEventListener('track', ({ track, transceiver }) => {
        if (track.kind !== 'audio') return;
        const wait = setInterval(() => {
          if (transceiver.mid === null) return;
          clearInterval(wait);
          mids.set(track.id, transceiver.mid);
          listen(transceiver.mid, track);
        }, 5);
      });
    }
  };

  // --- for who drives the page -------------------------------------------------------------------

  window.sixBooths = {
    /** The diary since the last time. */
    take() {
      const taken = diary;
      diary = [];
      return taken;
    },
    ears: () => [...ears.keys()].sort(),
    answers: () => answers,
    /** Resolves when `count` commands were answered. */
    answered: (count) =>
      new Promise((done) => {
        wakeUp = () => answers >= count && done(true);
        wakeUp();
      }),
    /** Resolves when these mids are to be heard, and no others. */
    heard: (wanted) =>
      new Promise((done) => {
        sounded = () => on.size === wanted.length && wanted.every((mid) => on.has(mid)) && done(true);
        sounded();
      }),
    /** {mid: [level of each tone in dBFS]} of all that arrives, over the last 171 ms. */
    async levels(tones) {
      const all = [...ears].map(
        ([mid, node]) =>
          new Promise((done) => {
            const id = Math.random();
            questions.set(id, (samples) => {
              questions.delete(id);
              const shaped = samples.map((sample, i) => sample * windowAt(i / samples.length));
              done([mid, tones.map((hertz) => level(shaped, hertz))]);
            });
            node.port.postMessage({ id });
          }),
      );
      return Object.fromEntries(await Promise.all(all));
    },
  };
})();
