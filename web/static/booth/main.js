// The booth page: joins by itself, shows what the server says, and goes on for ever.

import { loadLocale, preloadLocale, setLanguage } from '../i18n.js';
import { LinkWatch } from '../link-watch.js';
import { MediaLink } from '../media.js';
import { Signal } from '../signal.js';
import { CAMERA_ENCODINGS, CAMERA_WISH } from '../simulcast.js';
import { Arrival } from './arrival.js';
import { Claim } from './claim.js';
import { readAddress } from './cameras.js';
import { Devices } from './devices.js';
import { DocumentCamera } from './document-camera.js';
import { codeFromAddress, enrol, enrolWhenReachable, forget, token } from './enrolment.js';
import { Playback } from './playback.js';
import { Quiet } from './quiet.js';
import { Reader, textsOf } from './reader.js';
import { Self } from './self.js';
import { isRead, sightOf } from './sight.js';
import { Stage } from './stage.js';
import { takeStill } from './still.js';
import { Strip } from './strip.js';
import { Studio } from './studio.js';
import { TicketReader } from './ticket-reader.js';
import { Top } from './top.js';
import { Visit } from './visit.js';
import { reloadSoon } from './watchdog.js';

const AUDIO = 0; // our sections, in the order of the offer
const VIDEO = 1;
const OFFICER_AUDIO = 2;
const OFFICER_VIDEO = 3;
const SECTIONS = [
  { kind: 'audio', direction: 'sendonly' },
  { kind: 'video', direction: 'sendonly', encodings: CAMERA_ENCODINGS, wish: CAMERA_WISH },
  { kind: 'audio', direction: 'recvonly' },
  { kind: 'video', direction: 'recvonly' },
];
const MEDIA_SLOW_MS = 4000;
const REVOKED = 4401;
const REPLACED = 4409;

const setUp = readAddress();
const pairing = codeFromAddress();
await loadLocale('booth', 'id');
await preloadLocale('booth', 'en');
start();

function start() {
  const facts = {
    enrolled: token() !== null,
    elsewhere: false,
    link: 'connecting',
    state: null,
    camera: 'off',
    microphone: 'off',
    mediaSlow: false,
    soundBlocked: false,
    help: null,
    goodbye: null,
    again: false,
    arrival: null,
    work: null,
    progress: null,
    still: false,
    reading: 'off',
    document: 'missing',
    wanted: 'main',
  };
  let place = '';
  const signal = new Signal('/ws/booth', () => ({ token: token(), version: 1 }));
  const media = new MediaLink({ signal, sections: SECTIONS });
  const devices = new Devices();
  new LinkWatch({ signal, media, flows: (index) => flows(facts.state, index) });
  const playback = new Playback();
  const self = new Self();
  const visit = new Visit(signal, facts, draw);
  const arrival = new Arrival(signal, draw);
  const claim = new Claim(signal, draw);
  const documentCamera = new DocumentCamera();
  const paper = new Self(); // what the camera for papers sees
  const studio = new Studio(() => {
    if (sightOf(facts).capturing.camera === 'document') {
      const { track } = documentCamera;
      return { name: 'document', track, still: () => takeStill(track) };
    }
    const track = devices.track('camera');
    return { name: 'main', track, still: () => media.inFull(() => takeStill(track)) };
  }, draw);
  claim.held = () => studio.holds;
  const reader = new Reader(draw);
  const ticketReader = new TicketReader((text) => arrival.give(text), draw);
  const quiet = new Quiet((still) => {
    signal.send({ type: 'still', active: still });
    facts.help = null;
    draw();
  });

  const act = {
    ...visit.act,
    start: () => arrival.touch(),
    startAgain: () => arrival.back(),
    haveTicket: () => arrival.haveTicket(),
    chooseService: (flow) => arrival.choose(flow),
    giveTicket: (ticket) => arrival.give(ticket),
    readTicket: () => ticketReader.open(),
    stopReading: () => ticketReader.close(),
    readAloud: () => reader.toggle(),
    takePicture: () => {
      const { capture } = claim;
      studio.start(capture, facts.state.occupant, claim.triesOf(capture.name));
    },
    language: (code) => visit.wantLanguage(code),
    enrolProblem: null,
    enrol: async (code) => {
      const problem = await enrol(code);
      if (problem === null) join();
      return problem;
    },
    useHere: () => {
      facts.elsewhere = false;
      facts.link = 'connecting';
      signal.start();
      draw();
    },
  };
  const top = new Top(document.querySelector('.top'), act);
  const stage = new Stage(document.querySelector('.stage'), act, {
    officer: playback.view,
    self: self.video,
    paper: paper.video,
    ticket: ticketReader.video,
  });
  const strip = new Strip(document.querySelector('.strip'), act);

  /** Everything on the page follows from `facts`. */
  function draw() {
    facts.arrival = arrival.at;
    facts.work = claim.work;
    facts.progress = claim.progress;
    facts.still = quiet.still;
    facts.reading = ticketReader.phase;
    facts.document = documentCamera.state;
    facts.wanted = facts.work?.kind === 'capture' ? claim.cameraFor(facts.work.name) : 'main';
    if (sightOf(facts).running) devices.open();
    else devices.close(); // changes `facts`
    const sight = sightOf(facts);
    playback.show(sight);
    settle(sight);
    top.draw(sight, visit.language, place, reader.on);
    if (needsDocumentCamera(sight)) documentCamera.open();
    else documentCamera.close(); // changes `facts`
    stage.draw({
      sight,
      language: visit.language,
      goodbye: visit.goodbye,
      place,
      claim,
      studio,
      starting: arrival,
      reading: reader.on,
    });
    reader.look(isRead(sight) ? stage.place : null, () => textsOf(stage.root), visit.language);
    strip.draw(sight, visit.language);
    playback.resume();
    self.resume();
    paper.resume();
  }

  /** For the time of a still alone: its light is off before and after. */
  function needsDocumentCamera({ screen, shows, running, work, capturing }) {
    const shown = running && work?.kind === 'capture' && (screen === 'capture' || shows);
    return shown && capturing.camera === 'document' && studio.needsCamera;
  }

  /** What runs by itself goes with the screen that shows it. */
  function settle(sight) {
    quiet.watch(sight.own);
    if (sight.work?.kind === 'capture') {
      studio.enter(sight.work.name, claim.told, sight.work.asked);
      const shown = sight.screen === 'capture' || sight.shows;
      if (!shown && studio.phase === 'count') studio.leave();
    } else {
      studio.leave();
    }
    if (sight.screen === 'idle') reader.reset(); // whoever comes next has not asked for it
    if (sight.screen !== 'ticket' && ticketReader.phase !== 'off') ticketReader.close();
  }

  function join() {
    facts.enrolled = true;
    act.enrolProblem = null;
    signal.start();
    draw();
  }

  signal.addEventListener('welcome', ({ detail }) => {
    facts.link = 'up';
    facts.state = null; // the state of this connection follows at once
    visit.joined(detail);
    arrival.joined(detail);
    place = `${detail.branch} · ${detail.name}`;
    reportDevices(true);
  });
  signal.addEventListener('message', ({ detail }) => {
    arrival.hear(detail);
    claim.hear(detail);
    if (detail.type !== 'booth_state') return;
    if (claim.occupiedBy(detail.visit === 'none' ? null : detail.occupant)) {
      studio.leave();
      documentCamera.look();
      quiet.reset();
    }
    if (detail.visit !== 'none') arrival.over();
    visit.told(detail);
  });
  signal.addEventListener('down', () => {
    facts.link = 'down';
    claim.left();
    quiet.reset();
    arrival.over();
    visit.left();
    draw();
  });
  signal.addEventListener('retry', ({ detail }) => {
    // One quick retry at boot is not worth a word.
    if (facts.link === 'connecting' && detail.attempt > 1) facts.link = 'down';
    draw();
  });
  signal.addEventListener('refused', ({ detail }) => {
    facts.link = 'connecting';
    if (detail.code === REVOKED) {
      forget();
      facts.enrolled = false;
      act.enrolProblem = 'revoked';
    } else if (detail.code === REPLACED) {
      facts.elsewhere = true;
    } else {
      reloadSoon();
    }
    draw();
  });

  let slow = null;
  const mediaChanged = () => {
    clearTimeout(slow);
    if (media.up) facts.mediaSlow = false;
    else slow = setTimeout(() => { facts.mediaSlow = true; draw(); }, MEDIA_SLOW_MS);
    draw();
  };
  media.addEventListener('up', mediaChanged);
  media.addEventListener('down', mediaChanged);
  media.addEventListener('track', ({ detail }) => playback.setTrack(detail.track));
  playback.addEventListener('blocked', () => {
    facts.soundBlocked = playback.blocked;
    draw();
  });

  let reported = '';
  function reportDevices(anew) {
    const { camera, microphone } = devices;
    const { state } = documentCamera;
    const report = JSON.stringify([camera, microphone, state]);
    if (!anew && report === reported) return;
    reported = report;
    signal.send({ type: 'devices', camera, microphone, document: state });
  }
  documentCamera.addEventListener('change', () => {
    paper.setTrack(documentCamera.track);
    reportDevices(false);
    draw();
  });
  devices.addEventListener('change', () => {
    facts.camera = devices.camera;
    facts.microphone = devices.microphone;
    media.setTrack(AUDIO, devices.track('microphone'));
    media.setTrack(VIDEO, devices.track('camera'));
    self.setTrack(devices.track('camera'));
    if (devices.camera === 'ok') documentCamera.look(); // the browser names its cameras from now on
    reportDevices(false);
    draw();
  });

  visit.addEventListener('language', async () => {
    await setLanguage(visit.language);
    draw();
  });

  window.vcsBooth = { signal, media, devices };
  draw();
  documentCamera.look();
  if (setUp) import('./camera-setup.js').then(({ setUpCameras }) => setUpCameras());
  if (pairing) {
    enrolWhenReachable(pairing).then((problem) => {
      // A code that was used before is no reason to leave a booth that has its token.
      if (token()) join();
      else act.enrolProblem = problem;
      draw();
    });
  } else if (facts.enrolled) {
    join();
  }
}

/** The officer's sound or picture is to arrive in this section, by the server's word. */
function flows(state, index) {
  if (index === OFFICER_AUDIO) return state?.hears === true;
  return index === OFFICER_VIDEO && state?.officer_seen === true;
}
