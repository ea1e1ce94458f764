// Runs in a console page before its own scripts: notes every frame that is shown, how much sound was
// real, which pictures are marked as paused, and how the connection came about. Times are
// milliseconds of the wall clock, which the page and who drives it have in common.
(() => {
  const SAMPLE_MS = 100;
  // The officer's own camera costs an encoder, and nobody looks at it here.
  localStorage.setItem('vcs.console.devices', JSON.stringify({ cameraOn: false }));

  const clock = (now = performance.now()) => performance.timeOrigin + now;
  const frames = {}; // name of a picture -> [[time, height, frames since the last callback]]
  const samples = []; // [time, paused names, sound's source, samples received, samples concealed]
  const connections = [];
  const watched = new WeakSet();
  let onAir = null; // whose sound is looked at, also while he is not on air

  function nameOf(video) {
    if (video.closest('.focus')) return 'focus';
    const slot = video.closest('vcs-tile')?.dataset.slot;
    return slot ? `tile${slot}` : null;
  }

  function watch(video, name) {
    watched.add(video);
    frames[name] ??= [];
    let before = null;
    const shown = (now, { height, presentedFrames }) => {
      const fresh = before === null || presentedFrames <= before ? 1 : presentedFrames - before;
      before = presentedFrames;
      frames[name].push([clock(now), height, fresh]);
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  }

  function paused() {
    const names = [...document.querySelectorAll('vcs-tile[data-paused]')].map((tile) => `tile${tile.dataset.slot}`);
    const focus = window.vcsConsole?.facts.focus;
    if (document.querySelector('.focus[data-paused]') || names.includes(`tile${focus}`)) names.push('focus');
    return names;
  }

  async function sound() {
    const receiver = onAir === null ? null : window.vcsConsole?.media.receiver(2 * onAir);
    if (!receiver) return [null, 0, 0];
    for (const entry of (await receiver.getStats()).values()) {
      if (entry.type !== 'inbound-rtp') continue;
      const source = `${connections.length}/${entry.id}`;
      return [source, entry.totalSamplesReceived ?? 0, entry.concealedSamples ?? 0];
    }
    return [null, 0, 0];
  }

  setInterval(async () => {
    for (const video of document.querySelectorAll('video')) {
      const name = watched.has(video) ? null : nameOf(video);
      if (name) watch(video, name);
    }
    onAir ??= window.vcsConsole?.facts.desk?.on_air ?? null;
    const marks = paused();
    const heard = await sound();
    samples.push([clock(), marks, ...heard]);
  }, SAMPLE_MS);

  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(configuration, ...rest) {
      super(configuration, ...rest);
      const urls = (configuration?.iceServers ?? []).flatMap((server) => server.urls);
      const note = { pc: this, made: clock(), connected: null, urls };
      connections.push(note);
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') note.connected ??= clock();
      });
    }
  };

  window.linkWatch = {
    frames: () => frames,
    samples: () => samples,
    /** {made, connected, urls, tcp, kind, protocol}: of the first connection until the first that
     *  came about; kind and protocol are of the path in use now. */
    async connection() {
      const up = connections.findLast(({ connected }) => connected !== null);
      const last = up ?? connections.at(-1);
      if (!last) return null;
      const told = {
        made: connections[0].made,
        connected: connections.find(({ connected }) => connected !== null)?.connected ?? null,
        urls: last.urls,
        tcp: / tcptype /.test(last.pc.remoteDescription?.sdp ?? ''),
        kind: null,
        protocol: null,
      };
      const report = await last.pc.getStats();
      for (const entry of report.values()) {
        if (entry.type !== 'transport' || !entry.selectedCandidatePairId) continue;
        const pair = report.get(entry.selectedCandidatePairId);
        const local = report.get(pair?.localCandidateId);
        told.kind = local?.candidateType ?? null;
        told.protocol = local?.relayProtocol ?? local?.protocol ?? null;
      }
      return told;
    },
  };
})();
