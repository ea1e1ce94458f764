// What the page shows, derived from what it knows. Pure: the same facts give the same sight.

const SCREEN_OF_WORK = {
  field: 'form',
  capture: 'capture',
  signature: 'signature',
  overview: 'overview',
  result: 'result',
};
const SILENT = new Set(['enrol', 'elsewhere', 'connecting', 'out', 'closed', 'idle', 'onair', 'announce', 'message']);
const NOBODY = { hears: false, heard: false, seen: false, officer_seen: false };

/**
 * `facts`: {enrolled, elsewhere, link: 'connecting' | 'up' | 'down', state: the last `booth_state`
 * or null, camera, microphone: a `Device` each, mediaSlow, soundBlocked, help: null | 'menu' |
 * 'stop', goodbye: null | 'ended' | 'declined', again, arrival: null | 'services' | 'ticket', work:
 * what the visitor can do alone (`Claim.work`) or null, progress, still, reading: the phase of the
 * `TicketReader`, document: the `state` of the `DocumentCamera`, wanted: the camera by which the
 * picture of `work` is to be taken}.
 *
 * Who hears and sees whom comes from the server's word alone, and only while it can reach us.
 */
export function sightOf(facts) {
  const state = facts.link === 'up' ? facts.state : null;
  const word = state ?? NOBODY;
  const running = state?.visit === 'running';
  const screen = screenOf(facts, state);
  return {
    screen,
    // 1: next. Told where there is nothing to do but wait.
    turn: screen === 'waiting' || screen === 'hold' ? state.place : null,
    live: liveOf(facts, state),
    running,
    hears: word.hears,
    officerSeen: word.officer_seen,
    oneWay: word.hears && !word.heard,
    officer: state?.officer ?? null,
    away: state?.on_break ?? null,
    text: state?.text ?? null,
    // The camera that reads a ticket is on, and reaches nobody.
    camera: deviceOf(facts.reading === 'on' ? 'ok' : facts.camera, word.seen),
    reading: facts.reading,
    microphone: deviceOf(facts.microphone, word.heard),
    notice: noticeOf(facts, running, word),
    call: callOf(state, running),
    cannotHear: state?.cannot_hear ?? false,
    colleague: running && state.colleague === true,
    again: facts.again,
    work: running ? facts.work : null,
    own: ownTime(facts, state),
    shows: state?.phase === 'on_air' && running && besideOfficer(facts.work),
    progress: running ? facts.progress : null,
    capturing: capturingOf(facts, word),
    table: facts.document === 'ok',
  };
}

/** Whether the screen may be read aloud: there is somebody to read it to, and nobody else speaks. */
export function isRead({ screen, hears }) {
  return !SILENT.has(screen) && !hears;
}

function screenOf(facts, state) {
  if (!facts.enrolled) return 'enrol';
  if (facts.elsewhere) return 'elsewhere';
  if (!state) return facts.link === 'down' ? 'reconnect' : 'connecting';
  if (state.phase === 'out_of_service') return 'out';
  const running = state.visit === 'running';
  if (running && facts.help) return facts.help;
  if (running && state.text) return 'message';
  if (state.phase === 'announce') return 'announce';
  if (state.phase === 'on_air') return 'onair';
  if (state.visit === 'none' && facts.goodbye) return 'goodbye';
  if (state.phase === 'idle' && facts.arrival) return facts.arrival;
  if (ownTime(facts, state)) return facts.still ? 'still' : SCREEN_OF_WORK[facts.work.kind];
  return state.phase;
}

/** The officer talks to nobody here, and there is something that the visitor can do alone. */
function ownTime(facts, state) {
  const alone = state?.phase === 'waiting' || state?.phase === 'hold';
  if (!alone || state.visit !== 'running' || facts.work === null) return false;
  // What belongs to the talk is not asked before it.
  return !(facts.work.beside && state.phase === 'waiting');
}

/** While the officer talks, a picture that he asked for stands beside him, or the signature. */
function besideOfficer(work) {
  if (work === null) return false;
  return work.beside === true || (work.kind === 'capture' && (work.asked || work.held === true));
}

/** The strip's sign. */
function liveOf(facts, state) {
  if (!state) return facts.enrolled && facts.link === 'down' ? 'bad' : 'off';
  if (state.heard) return 'on';
  if (state.hears) return 'one';
  if (state.visit !== 'running') return 'off';
  return state.phase === 'hold' ? 'hold' : 'self';
}

/** off; problem: it should be live and is not; live: on, reaching nobody; used: on, and the
 *  officer sees or hears it. */
function deviceOf(device, used) {
  if (device === 'off') return 'off';
  if (device !== 'ok') return 'problem';
  return used ? 'used' : 'live';
}

/** Which camera takes the picture: {camera, works, fell}. `fell`: that for papers was wanted, and why
 *  the main one takes its place: it is `missing`, or it is `broken`. */
function capturingOf({ document, wanted, camera }, word) {
  const main = ['used', 'live'].includes(deviceOf(camera, word.seen));
  if (wanted !== 'document') return { camera: 'main', works: main, fell: null };
  if (document === 'off' || document === 'ok') return { camera: 'document', works: document === 'ok', fell: null };
  return { camera: 'main', works: main, fell: document === 'missing' ? 'missing' : 'broken' };
}

/** The one thing to tell beside the screen, the weightiest first. */
function noticeOf(facts, running, word) {
  if (word.hears && facts.soundBlocked) return 'sound';
  if (!running) return null;
  const camera = broken(facts.camera);
  const microphone = broken(facts.microphone);
  if (camera && microphone) {
    return facts.camera === 'denied' && facts.microphone === 'denied' ? 'denied' : 'both';
  }
  if (camera) return facts.camera === 'denied' ? 'camera_denied' : 'camera';
  if (microphone) return facts.microphone === 'denied' ? 'microphone_denied' : 'microphone';
  return facts.mediaSlow ? 'media' : null;
}

function broken(device) {
  return device !== 'off' && device !== 'ok';
}

/** The strip's button: `cannot` on air, `call` in any other part of a visit, else none. */
function callOf(state, running) {
  if (!running) return 'none';
  if (state.heard) return state.cannot_hear ? 'cannot_told' : 'cannot';
  return state.called ? 'called' : 'call';
}
