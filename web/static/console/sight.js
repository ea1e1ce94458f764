// What the air bar and the tiles show, derived from what is known. Nothing is remembered here.

import { language, t } from '../i18n.js';
import { clock } from './age.js';

/** Icon of each state; its word is the text `state.<name>`. */
export const STATE_ICONS = {
  vacant: 'empty',
  offline: 'unplug',
  empty: 'empty',
  wrap_up: 'check',
  consent: 'doc',
  waiting: 'wait',
  calling: 'bell',
  on_air: 'ear',
  announce: 'mega',
  hold: 'pause',
  lost: 'pause',
  asked: 'again',
};
const NO_VISIT = new Set(['vacant', 'offline', 'empty', 'wrap_up']);
const CALMING_REASONS = new Set(['hold', 'started', 'announce_ended']);

/** "Booth 3", with the visitor's or the booth's own name when it says more. */
export function who(tile) {
  const number = t('booth.n', { n: tile.slot });
  const name = nameOf(tile);
  return name === number ? number : `${number} · ${name}`;
}

/** A booth that is named after its number is named in the console's language. */
export function nameOf(tile) {
  if (tile.state === 'vacant') return t('tile.vacant');
  const name = tile.visitor ?? tile.name;
  const plain = new RegExp(`^(bilik|booth)?\\s*0*${tile.slot}$`, 'i');
  return !name || plain.test(name.trim()) ? t('booth.n', { n: tile.slot }) : name;
}

/** The state as it is drawn: with the connection gone, nobody is on air with us. */
export function shownState(facts, tile) {
  return facts.link === 'up' || NO_VISIT.has(tile.state) ? tile.state : 'lost';
}

/** Slots that hear the officer by the server's word. */
export function hearing(facts) {
  if (!facts.known) return [];
  if (facts.desk.announcing) {
    return facts.desk.tiles.filter((tile) => tile.state === 'announce').map((tile) => tile.slot);
  }
  return facts.desk.on_air === null ? [] : [facts.desk.on_air];
}

/** {kind, icon, mark, bold, text, small, problem, clock_ms, hears, asked}; `kind` is none, talk,
 *  announce, pending or lost. */
export function airSight(facts) {
  const hears = hearing(facts);
  const base = { hears, asked: facts.asked?.kind === 'talk' ? facts.asked.slot : null, clock_ms: null };
  const problem = problemOf(facts);
  if (!facts.known) return { ...base, problem: null, ...unknownAir(facts) };
  const { desk } = facts;
  const small = problem ?? askedWords(facts) ?? null;
  if (desk.announcing) {
    return {
      ...base, problem: problem !== null, kind: 'announce', icon: 'mega', mark: t('air.announce'),
      bold: t('air.booths', { n: hears.length }), text: t(hears.length === 1 ? 'air.hears' : 'air.hear'),
      small: small ?? t('air.announce.means'), clock_ms: facts.age(desk.air_ms),
    };
  }
  if (desk.on_air !== null) {
    return {
      ...base, problem: problem !== null, kind: 'talk', icon: 'mic', mark: t('air.talk'),
      bold: who(facts.tile(desk.on_air)), text: t('air.hears'),
      small: small ?? t('air.talk.means'), clock_ms: facts.age(desk.air_ms),
    };
  }
  if (facts.asked && facts.asked.kind !== 'hold') {
    const talk = facts.asked.kind === 'talk';
    return {
      ...base, problem: false, kind: 'pending', icon: 'again', mark: t('air.pending'),
      bold: talk ? t('booth.n', { n: facts.asked.slot }) : t('air.announce.asked'), text: t('air.asked'),
      small: t('air.pending.means'),
    };
  }
  return {
    ...base, problem: problem !== null, kind: 'none', icon: 'micoff', mark: t('air.none'),
    bold: t('air.nobody'), text: '', small: small ?? dayWords(facts.day) ?? heldWords(desk),
  };
}

function unknownAir(facts) {
  if (facts.link !== 'down') {
    return {
      kind: 'pending', icon: 'again', mark: t('air.opening'), bold: t('air.nobody'), text: '',
      small: t('air.opening.means'),
    };
  }
  return {
    kind: 'lost', icon: 'unplug', mark: t('air.lost'), bold: t('air.nobody'), text: '',
    small: t('air.lost.means', { attempt: Math.max(1, facts.attempt) }),
    clock_ms: facts.lostAt === null ? null : performance.now() - facts.lostAt,
  };
}

/** What stands between the officer and a talk, most pressing first; null: nothing. */
function problemOf(facts) {
  const { refusal } = facts;
  if (refusal) return refusalWords(refusal);
  if (facts.soundBlocked) return t('air.sound_blocked');
  if (facts.microphone !== 'ok' && facts.microphone !== 'off') return t(`air.mic.${facts.microphone}`);
  if (facts.silent) return t('air.mic.silent');
  if (facts.known && (!facts.mediaUp || !facts.desk.media)) return t('air.media_down');
  if (facts.otherMicrophone) return t('air.mic.other', { name: facts.otherMicrophone });
  return null;
}

function askedWords({ asked, desk }) {
  if (!asked || (desk.on_air === null && !desk.announcing)) return null;
  return asked.kind === 'talk' ? t('air.asked.talk', { n: asked.slot }) : t(`air.asked.${asked.kind}`);
}

function dayWords(day) {
  if (day?.pause) return t('air.day.pause');
  return day?.status === 'closed' ? t('air.day.closed') : null;
}

function heldWords(desk) {
  const reason = desk.hold_reason ?? 'hold';
  return t(CALMING_REASONS.has(reason) ? 'air.none.means' : `air.held.${reason}`);
}

function refusalWords({ kind, slot, code }) {
  const key = `refused.${code}`;
  const words = t(key);
  const reason = words === key ? t('refused.other') : words;
  return kind === 'talk' ? t('refused.talk', { n: slot, reason }) : t(`refused.${kind}`, { reason });
}

/** Everything that a tile shows: {state, asked, focused, mark, markState, name, branch, age_ms, plainAge,
 *  line, steps, flags, link, weak, sees, heldBack, hears, noneIcon, label, canTalk, onAir}. */
export function tileSight(facts, slot) {
  const tile = facts.tile(slot) ?? { slot, state: 'vacant', name: '', occupant: null };
  const state = shownState(facts, tile);
  const asked = facts.asked?.kind === 'talk' && facts.asked.slot === slot && state !== 'on_air';
  const age_ms = ageOf(facts, tile, state);
  const line = lineOf(facts, tile, state);
  const name = state === 'wrap_up' ? t('tile.wrap_up') : nameOf(tile);
  const weak = facts.link === 'up' && tile.media === true && tile.link === 1;
  const markState = asked ? 'asked' : state;
  const branch = state !== 'vacant' && facts.severalBranches ? tile.branch : null;
  const label = [t('booth.n', { n: slot }), branch, name, t(`state.${markState}`), line.said ?? line.text];
  if (age_ms !== null) label.push(clock(age_ms));
  return {
    slot, state, asked, markState, name, branch, age_ms, line,
    steps: line.steps ?? null,
    flags: NO_VISIT.has(state) ? [] : tile.flags ?? [],
    plainAge: NO_VISIT.has(state),
    focused: facts.focus === slot,
    link: facts.link === 'up' ? tile.link ?? 0 : 0,
    hasLink: !NO_VISIT.has(state) || weak,
    weak,
    sees: facts.known && tile.sees === true && tile.camera !== 'missing',
    heldBack: facts.known && tile.paused === true,
    heard: state === 'on_air',
    hears: facts.known && (state === 'on_air' || state === 'announce'),
    noneIcon: noneIcon(facts, tile, state),
    canCall: mayCall(facts, state) && facts.firstFor(slot) !== null && facts.calledTo(slot) === null,
    canTalk: facts.known && tile.consented === true && tile.media === true && state !== 'on_air',
    onAir: state === 'on_air',
    label: label.filter(Boolean).join(', '),
  };
}

/** Since the officer last talked to this visitor, or, before the first talk, since the start. */
function ageOf(facts, tile, state) {
  if (['on_air', 'vacant', 'empty', 'wrap_up'].includes(state)) return null;
  if (state === 'offline') return facts.age(tile.state_ms);
  return lastTalk(facts, tile) ?? facts.age(tile.visit_ms);
}

/** A talk that was cut off with the connection ended then, whatever was told before. */
export function lastTalk(facts, tile) {
  if (tile.state !== 'on_air') return facts.age(tile.last_talk_ms);
  return facts.lostAt === null ? 0 : performance.now() - facts.lostAt;
}

function noneIcon(facts, tile, state) {
  if (state === 'vacant') return null;
  if (state === 'offline') return 'unplug';
  if (state === 'lost') return 'pause';
  if (tile.state === 'consent') return 'doc';
  if (state === 'wrap_up') return 'check';
  if (tile.occupant === null) return facts.left.get(tile.slot) ? 'check' : 'person';
  return tile.camera === 'ok' || tile.camera === 'off' ? 'cam' : 'camoff';
}

/** The officer may have somebody come to a booth that shows this. */
function mayCall(facts, state) {
  const { day } = facts;
  return facts.known && ['empty', 'wrap_up'].includes(state) && (!day || (day.status === 'open' && !day.pause));
}

/** Nobody sits there: whoever did last has gone. */
function leftOf(facts, { slot, state }) {
  if (state === 'wrap_up') return { text: t('tile.wrap_up.means') };
  const called = facts.calledTo(slot);
  if (called) return { icon: 'bell', text: t('tile.called', { code: called }), tone: 'note' };
  const { day } = facts;
  if (day && day.status !== 'open') return { icon: 'door', text: t(`tile.${day.status}`) };
  if (day?.pause) return { icon: 'cup', text: t('tile.on_break') };
  const next = facts.firstFor(slot);
  if (!facts.left.has(slot)) return { text: next ? t('tile.next', { code: next }) : t('tile.empty.means') };
  return facts.left.get(slot) ? { icon: 'check', text: t('tile.left.decided') } : { icon: 'door', text: t('tile.left'), tone: 'note' };
}

const WORKING = {
  self: {}, officer: { tone: 'note' }, still: { icon: 'wait', tone: 'note' }, decided: { icon: 'check' },
};

function progressOf({ step, of, title_id, title_en, working }) {
  const title = language() === 'id' ? title_id : title_en;
  return {
    ...WORKING[working], steps: { step, of, decided: working === 'decided' },
    text: t(`progress.${working}`, { title }), said: `${t('progress.said', { step, of })} ${t(`progress.${working}.said`, { title })}`,
  };
}

/** The second line of a tile: {text, icon, tone, steps, said}; what needs the officer's eye comes first. */
function lineOf(facts, tile, state) {
  const { refusal } = facts;
  if (refusal?.kind === 'talk' && refusal.slot === tile.slot) {
    const key = `refused.short.${refusal.code}`;
    return { icon: 'alert', text: t(t(key) === key ? 'refused.short.other' : key), tone: 'bad' };
  }
  if (state === 'vacant') return { text: t('tile.vacant.means') };
  if (state === 'offline') return { text: t('tile.offline.means') };
  if (state === 'lost') return { text: t('tile.lost.means') };
  if (tile.offered_to) {
    const { officer, left_ms } = tile.offered_to;
    const text = t('tile.offered', { officer: officer.split(' ')[0], time: clock(Math.max(0, left_ms - facts.sinceTold)) });
    return { icon: 'swap', text, tone: 'note' };
  }
  if (tile.cannot_hear) return { icon: 'earoff', text: t('tile.cannot_hear'), tone: 'note' };
  if (tile.consented) {
    if (!tile.media) return { icon: 'again', text: t('tile.media_down'), tone: 'bad' };
    for (const [device, icon] of [['camera', 'camoff'], ['microphone', 'micoff']]) {
      if (!['ok', 'off'].includes(tile[device])) return { icon, text: t(`tile.${device}`), tone: 'bad' };
    }
    if (tile.text) return { icon: 'msg', text: t('tile.unread') };
  }
  if (tile.occupant === null) return leftOf(facts, tile);
  if (tile.progress && tile.consented) return progressOf(tile.progress);
  if (state === 'consent') return { text: t('tile.consent.means') };
  return { text: t('tile.visit', { time: clock(facts.age(tile.visit_ms) ?? 0) }) };
}
