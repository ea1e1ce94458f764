// An open desk: signalling, media and the parts of the page, joined. What is drawn follows from
// `facts`, and who hears whom in it from the server's `desk` message alone.

import { SINGLE_LAYER_STEPS } from '../adaptation.js';
import { button, el } from '../element.js';
import { language, t } from '../i18n.js';
import { LinkWatch } from '../link-watch.js';
import { MediaLink } from '../media.js';
import { Signal } from '../signal.js';
import { AirBar } from './air-bar.js';
import { clock } from './age.js';
import { Commands } from './commands.js';
import { notice, uncover } from './cover.js';
import { DeskState } from './desk-state.js';
import { CallBell } from './call-bell.js';
import { DayCommands } from './day-commands.js';
import { DayPane } from './day-pane.js';
import { closeDialog, dialogBars, dialogKey } from './dialog.js';
import { FocusPane } from './focus.js';
import { HandOvers } from './hand-overs.js';
import { KeysBar } from './keys-bar.js';
import { listenForKeys } from './keys.js';
import { Loudspeakers } from './loudspeakers.js';
import { NextUp } from './next-up.js';
import { OfferCard } from './offer-card.js';
import { CAMERA } from './own-devices.js';
import { Part } from './part.js';
import { askEnd, askLeave, showDevices, showKeys } from './questions.js';
import { goToSignIn, signOut, whoAmI } from './session.js';
import { hearing } from './sight.js';
import { Texts } from './texts.js';
import './tile.js';
import { Verification } from './verification.js';
import { VisitSheet } from './visit-sheet.js';

const SLOTS = 6;
const AUDIO = 0; // our sections, in the order of the offer; then audio and video of each slot
const VIDEO = 1;
const OWN_VIDEO_BPS = 700_000;
const DRAW_EVERY_MS = 500;
const LEVEL_EVERY_MS = 100;
const UNAUTHORISED = 4401;
const REPLACED = 4409;
const SAME_SESSION_MS = 3000;

/** `me`: who is signed in; `devices`: OwnDevices; `level`: OwnLevel. */
export function openDesk({ desk, me, devices, level, switchLanguage }) {
  const facts = new DeskState();
  const texts = new Texts();
  const loudspeakers = new Loudspeakers();
  const pictures = new Map(); // slot -> MediaStream
  let takeOver = false;
  let welcomedAt = null;
  let takenBy = null;
  const signal = new Signal('/ws/officer', () => {
    const hello = { desk, take_over: takeOver, version: 1 };
    takeOver = false;
    return hello;
  });
  const media = new MediaLink({ signal, sections: sections() });
  // Not so in a booth, whose page must not be late in saying that its visitor is on air.
  signal.heardOtherwise = () => media.heard;
  new LinkWatch({ signal, media, steps: SINGLE_LAYER_STEPS, flows: (index) => flows(facts, index) });
  const commands = new Commands(signal, facts, texts);
  const day = new DayCommands(signal, facts);

  function endFocused() {
    const tile = facts.tile(facts.focus);
    if (facts.known && tile && tile.occupant !== null) askEnd(tile, (slot, occupant) => commands.endVisit(slot, occupant));
  }
  const work = document.querySelector('.work');
  const handOvers = new HandOvers(signal, () => facts.changed());
  const checking = new Verification({
    signal,
    facts,
    handOvers,
    work,
    end: endFocused,
    focus: (slot) => commands.focus(slot),
    join: (claim) => focus.join(claim),
  });

  // --- the page ----------------------------------------------------------------------------------

  const act = {
    talk: (slot) => {
      pane.stepAside();
      commands.talk(slot);
    },
    hold: () => commands.hold(),
    callNext: (slot) => commands.callNext(slot),
    next: () => {
      pane.stepAside();
      commands.next();
    },
    announce: (active) => commands.announce(active),
    focus: (slot) => {
      pane.stepAside();
      commands.focus(slot);
      pane.wrapUp();
    },
    sendText: (slot, text) => commands.sendText(slot, text),
    text: () => {
      checking.claim?.close();
      if (!sheet.text.write()) facts.refused('text', facts.focus, 'not_on_air');
    },
    end: () => endFocused(),
    capture: () => checking.claim?.capture(),
    compare: () => checking.claim?.compare(),
    back: () => checking.claim?.back(),
    edit: (how) => checking.claim?.edit(how),
    judge: (good) => checking.claim?.judge(good),
    again: () => checking.claim?.again(),
    flag: (name) => checking.flag(name),
    complete: () => checking.complete(),
    decide: () => checking.decide(),
    handOver: () => checking.handOver(),
    answerOffer: (accepted) => offerCard.press(accepted),
    rest: () => {
      if (!facts.known || facts.day?.status === 'closed') return;
      if (facts.day?.pause) act.endBreak();
      else pane.askBreak();
    },
    endBreak: () => day.endBreak(),
    wrapUp: () => pane.wrapUp(),
    work: (slot) => act.focus(slot),
    handOverAt: (slot) => checking.handOverAt(slot),
    closeDown: () => {
      closeDialog();
      pane.stepForward();
      if (facts.day?.status === 'open') day.beginClosing();
      facts.changed();
    },
    closeDesk: () => day.close(),
    openDesk: () => day.open(),
    devices: () => showDevices(devices, level, () => hearing(facts).length > 0),
    camera: () => devices.choose({ cameraOn: !devices.choice.cameraOn }),
    help: showKeys,
    link: (target) => showLink((panel) => panel.toggle(target)),
    linkKey: () => showLink((panel) => panel.key(focus.sign.hidden ? null : focus.sign)),
    language: async () => {
      closeDialog();
      await switchLanguage();
      signal.send({ type: 'set_language', language: language() });
      facts.changed();
    },
    leave: () => {
      const visits = facts.occupied.length;
      if (visits > 0) askLeave(visits, leave);
      else leave();
    },
    escape: () => {
      commands.hold();
      if (closeDialog() || checking.claim?.leaveCut()) return;
      sheet.text.leave();
      document.activeElement?.blur();
    },
    dialogKey,
    busy: () => dialogBars() || 'covered' in document.body.dataset,
  };
  const airBar = new AirBar(document.querySelector('.air'), act, SLOTS);
  const tiles = Array.from({ length: SLOTS }, (_, index) => el('vcs-tile').build(index + 1, act));
  document.querySelector('.tiles').replaceChildren(...tiles);
  const nextUp = new NextUp(document.querySelector('.next'), act);
  const focus = new FocusPane(document.querySelector('.focus'), act, facts);
  const sheet = new VisitSheet(document.querySelector('.sheet'), act, facts, texts, checking.sheet);
  const offerCard = new OfferCard(document.querySelector('.offer'), {
    answer: (offer, accepted) => handOvers.answer(offer, accepted),
    forget: () => handOvers.forgetSaid(),
  });
  const pane = new DayPane(work, facts, day, act);
  const bell = new CallBell();
  const keysBar = new KeysBar(document.querySelector('.keys'), act);

  const linkPart = new Part(facts, 'console/link-panel.js', 'link-panel.css');
  let links = null; // the panel, once it was wanted
  async function showLink(show) {
    const part = await linkPart.ask();
    if (!part) return;
    links ??= new part.LinkPanel(({ slot, own }) => signal.send({ type: 'watch_link', slot, own }));
    show(links);
    facts.changed();
  }

  function draw() {
    loudspeakers.hear(facts.known ? facts.desk.on_air : null);
    airBar.draw(facts);
    tiles.forEach((tile, index) => tile.draw(facts, pictures.get(index + 1) ?? null));
    nextUp.draw(facts);
    handOvers.tick();
    offerCard.draw(facts, handOvers);
    const tile = facts.tile(facts.focus);
    const stream = facts.known && tile?.sees ? pictures.get(facts.focus) ?? null : null;
    checking.draw({ stream, heldBack: tile?.paused === true, onAir: facts.known && facts.desk.on_air === facts.focus });
    work.classList.toggle('is-comparing', checking.claim?.comparing === true);
    focus.draw(facts, pictures.get(facts.focus) ?? null, checking.claim !== null && checking.open);
    sheet.draw(facts, checking);
    pane.draw();
    bell.draw(facts);
    keysBar.draw(facts, devices, signal.rtt);
    links?.draw(facts, (slot) => (slot === facts.focus ? focus.figures : null) ?? tiles[slot - 1]?.figures ?? null);
    document.title = titleOf(facts);
  }

  function drawLevels(levels) {
    tiles.forEach((tile, index) => { tile.level = levels[index] ?? null; });
    focus.level = facts.focus === null ? null : levels[facts.focus - 1];
  }

  let due = false;
  facts.addEventListener('change', () => { // several changes of one moment are drawn once
    if (due) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      draw();
    });
  });
  setInterval(() => facts.tick(), DRAW_EVERY_MS);
  setInterval(() => {
    const onAir = hearing(facts).length > 0;
    if (onAir) airBar.level = level.level();
    const silent = onAir && level.silent;
    if (silent !== facts.silent) facts.set({ silent });
  }, LEVEL_EVERY_MS);
  listenForKeys(act);

  // --- signalling --------------------------------------------------------------------------------

  signal.addEventListener('welcome', ({ detail }) => {
    welcomedAt = performance.now();
    desk = detail.desk; // the same one after every reconnection
    uncover();
    facts.welcomed(detail);
    reportMicrophone();
    if (facts.focus !== null) awaitDesk = true;
  });
  let awaitDesk = false; // the first `desk` of this connection is on its way
  signal.addEventListener('message', ({ detail }) => {
    if (checking.told(detail) || handOvers.told(detail)) return;
    if (detail.type === 'levels') drawLevels(detail.levels);
    else if (detail.type === 'desk') told(detail);
    else if (detail.type === 'links') facts.toldLinks(detail);
    else if (detail.type === 'queue') facts.toldQueue(detail);
    else if (detail.type === 'day') facts.toldDay(detail);
    else if (detail.type === 'tally') facts.set({ tally: detail });
    else if (detail.type === 'link_details') {
      links?.told(detail);
      facts.changed();
    } else if (detail.type === 'desk_taken') taken(detail);
    else if (detail.type === 'taken_over') takenBy = detail.by;
  });
  function told(view) {
    texts.told(view);
    const first = awaitDesk || facts.focus === null;
    awaitDesk = false;
    checking.toldDesk(view, first);
    const before = facts.focus;
    facts.told(view);
    if (first || facts.focus !== before) commands.sendFocus();
  }
  signal.addEventListener('down', () => {
    loudspeakers.clear();
    pictures.clear();
    commands.lost();
    checking.lost();
    handOvers.lost();
    links?.lost();
    facts.lost();
    drawLevels([]);
  });
  signal.addEventListener('retry', ({ detail }) => facts.retrying(detail.attempt));
  signal.addEventListener('refused', ({ detail }) => ended(detail.code));

  /** Somebody has this desk open. After a lost connection that may be what the server still holds
   *  of ourselves; then there is nobody to ask. */
  function taken({ officer, since_ms }) {
    const ours = welcomedAt !== null && officer === me.display_name
      && Math.abs(performance.now() - welcomedAt - since_ms) < SAME_SESSION_MS;
    if (ours) {
      signal.send({ type: 'hello', desk, take_over: true, version: 1 });
      return;
    }
    notice('person', t('taken.title', { officer }), t('taken.means', { officer, time: clock(since_ms) }),
      button(t('taken.leave'), null, '', () => {
        signal.stop();
        window.location.assign('/console');
      }, { autofocus: true }),
      button(t('taken.yes'), 'right', 'btn--main', () => signal.send({ type: 'hello', desk, take_over: true, version: 1 }), { 'data-name': 'take-over' }));
  }

  /** The server's last word on this connection. */
  async function ended(code) {
    facts.lost();
    closeDialog();
    if (code === REPLACED) {
      const by = takenBy;
      takenBy = null;
      notice('swap', t('over.title'), t(by ? 'over.means.by' : 'over.means', { officer: by }),
        button(t('over.back'), 'right', 'btn--main', () => {
          takeOver = true;
          signal.start();
        }, { 'data-name': 'take-back' }));
    } else if (code === UNAUTHORISED) {
      if ((await whoAmI()) === null) goToSignIn();
      else notice('info', t('gone.title'), t('gone.means'), button(t('reload'), 'again', 'btn--main', () => window.location.assign('/console')));
    } else {
      notice('again', t('version.title'), t('version.means'), button(t('reload'), 'again', 'btn--main', () => window.location.reload()));
    }
  }

  // --- media -------------------------------------------------------------------------------------

  for (const name of ['up', 'down']) media.addEventListener(name, () => facts.set({ mediaUp: media.up }));
  media.addEventListener('track', ({ detail: { index, track } }) => {
    const slot = Math.floor(index / 2);
    if (track.kind === 'audio') loudspeakers.setTrack(slot, track);
    else pictures.set(slot, new MediaStream([track]));
    facts.changed();
  });
  loudspeakers.addEventListener('blocked', () => facts.set({ soundBlocked: loudspeakers.blocked }));

  function attachDevices() {
    media.setTrack(AUDIO, devices.track('microphone'));
    media.setTrack(VIDEO, devices.track('camera'));
    loudspeakers.setSink(devices.choice.loudspeaker);
    facts.set({ microphone: devices.microphone, otherMicrophone: devices.replaced });
    reportMicrophone();
  }
  let reported = null; // what this connection was told
  function reportMicrophone() {
    const live = devices.microphone === 'ok';
    if (signal.up && (reported?.at !== welcomedAt || reported.live !== live)) {
      reported = { at: welcomedAt, live };
      signal.send({ type: 'microphone', live });
    }
  }
  devices.addEventListener('change', attachDevices);
  attachDevices();

  // --- leaving -----------------------------------------------------------------------------------

  const warn = (event) => {
    if (hearing(facts).length > 0) event.preventDefault();
  };
  window.addEventListener('beforeunload', warn);
  async function leave() {
    window.removeEventListener('beforeunload', warn);
    signal.stop();
    await signOut();
  }

  window.vcsConsole = { signal, media, devices, facts };
  uncover();
  draw();
  signal.start();
}

function sections() {
  const receiving = ['audio', 'video'].map((kind) => ({ kind, direction: 'recvonly' }));
  return [
    { kind: 'audio', direction: 'sendonly' },
    { kind: 'video', direction: 'sendonly', encodings: [{ maxBitrate: OWN_VIDEO_BPS }], wish: CAMERA },
    ...Array.from({ length: SLOTS }, () => receiving).flat(),
  ];
}

/** A booth's sound or picture is to arrive in this section, by the server's word. */
function flows(facts, index) {
  const slot = Math.floor(index / 2);
  const tile = facts.known ? facts.tile(slot) : null;
  if (index % 2 === AUDIO) return tile !== null && facts.desk.on_air === slot;
  return tile?.sees === true && !tile.paused;
}

/** The tab says who hears the officer while another window is in front. */
function titleOf(facts) {
  const hears = hearing(facts);
  const name = facts.welcome?.desk_name ?? t('title');
  if (facts.link === 'down') return `${t('air.lost')} · ${name}`;
  if (facts.known && facts.desk.announcing) return `● ${t('air.announce')} · ${name}`;
  if (hears.length) return `● ${hears[0]} ${t('air.talk')} · ${name}`;
  return `${name} · ${t('title')}`;
}
