// Runs in the page before its own scripts: keeps its peer connections and sockets for the test, and
// counts what is done with them. `window.testRelayOnly`: no path but through a TURN server.
(() => {
  window.testLinks = { connections: [], sockets: [], restarts: 0 };
  const Connection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor(configuration) {
      super(window.testRelayOnly ? { ...configuration, iceTransportPolicy: 'relay' } : configuration);
      testLinks.connections.push(this);
    }

    setConfiguration(configuration) {
      testLinks.renewed = configuration;
      super.setConfiguration(configuration);
    }

    restartIce() {
      testLinks.restarts += 1;
      super.restartIce();
    }
  };
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    #deaf = false;

    constructor(...args) {
      super(...args);
      testLinks.sockets.push(this);
    }

    /** From now on nothing comes and nothing goes, and nobody is told: a link that was cut. */
    cut() {
      this.#deaf = true;
      this.onmessage = null;
      this.onclose = null;
    }

    send(data) {
      this.spoke = true;
      if (!this.#deaf) super.send(data);
    }
  };
  testLinks.last = () => testLinks.connections.at(-1);
  /** The candidate pair in use: {local, remote} types and the local relay's protocol. */
  testLinks.path = async () => {
    const report = await testLinks.last().getStats();
    for (const entry of report.values()) {
      if (entry.type !== 'transport' || !entry.selectedCandidatePairId) continue;
      const pair = report.get(entry.selectedCandidatePairId);
      const local = report.get(pair.localCandidateId);
      return { local: local.candidateType, relay: local.relayProtocol ?? null };
    }
    return null;
  };
})();
