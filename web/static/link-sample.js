// What `getStats` tells of one connection, as the few figures that a page reports.
// Names are those of https://www.w3.org/TR/webrtc-stats/.

/** Growth is counted from sample to sample, at first from nothing; a new connection wants a new
 *  `LinkSample`. */
export class LinkSample {
  #last = new Map(); // stats id -> what it said last time
  #flowed = new Set(); // sections in which something was to arrive at the last sample
  #freezes = 0;
  #frozen_s = 0;
  #concealed = 0;
  #samples = 0;

  /** `report`: an RTCStatsReport; `flows(index)`: something is to arrive in this section now, so
   *  that a picture which was stopped on purpose does not count as frozen. Returns {received, sent,
   *  interval_ms}: the first two as the message `link_report` wants them. */
  read(report, flows) {
    const entries = [...report.values()];
    const sections = new Set();
    for (const entry of entries) {
      if (entry.type !== 'inbound-rtp') continue;
      const index = Number(entry.mid);
      if (!flows(index)) continue;
      sections.add(index);
      if (this.#flowed.has(index)) this.#play(entry);
    }
    this.#flowed = sections;
    const layers = entries.filter((each) => each.type === 'outbound-rtp' && each.kind === 'video')
      .map((entry) => ({ entry, grown: this.#grown(entry, ['framesEncoded', 'totalEncodeTime']) }))
      .filter(({ entry, grown }) => entry.active !== false && grown.framesEncoded > 0);
    const source = entries.find((each) => each.type === 'media-source' && each.kind === 'video');
    const sample = {
      received: {
        freezes: this.#freezes,
        freeze_ms: Math.round(this.#frozen_s * 1000),
        concealed: this.#samples > 0 ? share(this.#concealed / this.#samples) : null,
        ...pathOf(report, entries),
      },
      sent: layers.length ? sentOf(layers) : null,
      interval_ms: source?.framesPerSecond > 0 ? 1000 / source.framesPerSecond : null,
    };
    this.#remember(entries);
    return sample;
  }

  /** The sound made up is told as a share of what was played since the last report. */
  told() {
    this.#concealed = this.#samples = 0;
  }

  #play(entry) {
    if (entry.kind === 'video') {
      const grown = this.#grown(entry, ['freezeCount', 'totalFreezesDuration']);
      this.#freezes += grown.freezeCount;
      this.#frozen_s += grown.totalFreezesDuration;
    } else {
      const grown = this.#grown(entry, ['concealedSamples', 'silentConcealedSamples', 'totalSamplesReceived']);
      this.#concealed += Math.max(0, grown.concealedSamples - grown.silentConcealedSamples);
      this.#samples += grown.totalSamplesReceived;
    }
  }

  #grown(entry, names) {
    const before = this.#last.get(entry.id);
    return Object.fromEntries(names.map((name) =>
      [name, Math.max(0, (entry[name] ?? 0) - (before?.[name] ?? 0))]));
  }

  #remember(entries) {
    this.#last = new Map(entries.map((entry) => [entry.id, entry]));
  }
}

function sentOf(layers) {
  const reasons = new Set(layers.map(({ entry }) => entry.qualityLimitationReason ?? 'none'));
  // Layers are encoded together and each counts the whole time: the longest is that of a frame.
  const longest = Math.max(...layers.map(({ grown }) => grown.totalEncodeTime / grown.framesEncoded));
  return {
    encode_ms: Math.round(longest * 10_000) / 10,
    limitation: ['cpu', 'bandwidth', 'other'].find((reason) => reasons.has(reason)) ?? 'none',
    layers: layers.map(({ entry }) => ({
      rid: entry.rid ?? null,
      width: entry.frameWidth ?? 0,
      height: entry.frameHeight ?? 0,
      fps: entry.framesPerSecond ?? 0,
    })).sort((one, other) => one.width - other.width),
  };
}

function pathOf(report, entries) {
  const pair = entries.find((each) => each.type === 'candidate-pair' && each.nominated && each.state === 'succeeded');
  const protocol = report.get(pair?.localCandidateId)?.protocol;
  const seconds = pair?.currentRoundTripTime;
  return {
    transport: protocol === 'udp' || protocol === 'tcp' ? protocol : null,
    round_trip_ms: seconds === undefined ? null : Math.round(seconds * 1000),
  };
}

function share(value) {
  return Math.min(1, Math.round(value * 1000) / 1000);
}
