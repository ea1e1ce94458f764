// The last row: the keys, who is signed in, and what concerns the console itself.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { language, t } from '../i18n.js';
import { linkSign } from './link-bars.js';
import { keyButton, setText } from './paint.js';

const HINTS = [['1–6', 'keys.talk'], ['Esc', 'keys.hold'], ['N', 'keys.next'], ['C', 'keys.capture'], ['V', 'keys.compare']];
const SLOW_MS = [600, 300, 150]; // a round trip of so much costs a bar each

export class KeysBar {
  #hints;
  #me = el('span');
  #time = el('span', { class: 'num' });
  #link;
  #help;
  #camera;
  #devices;
  #language;
  #leave;
  #rest;
  #close;

  /** `act` {help(), link(target), camera(), devices(), language(), rest(), closeDown(), leave()}. */
  constructor(node, act) {
    this.#hints = HINTS.map(([key, words]) => ({ words, node: el('span') , cap: el('kbd', {}, key) }));
    this.#link = linkSign('keys__link', () => act.link({ of: 'own', slot: null, sign: this.#link.node }));
    this.#help = keyButton('btn--quiet', () => act.help());
    this.#camera = keyButton('btn--quiet', () => act.camera());
    this.#devices = keyButton('btn--quiet', () => act.devices());
    this.#language = keyButton('btn--quiet', () => act.language());
    this.#rest = keyButton('btn--quiet', () => act.rest());
    this.#close = keyButton('btn--quiet', () => act.closeDown());
    this.#close.node.dataset.name = 'close-desk';
    this.#leave = keyButton('btn--quiet', () => act.leave());
    node.replaceChildren(
      ...this.#hints.map(({ cap, node: word }) => el('span', {}, cap, word)),
      this.#help.node,
      el('span', { class: 'spacer' }),
      el('span', { class: 'me' }, icon('person'), this.#me), this.#time, this.#link.node,
      this.#camera.node, this.#devices.node, this.#rest.node, this.#close.node, this.#language.node, this.#leave.node,
    );
  }

  /** `devices`: the officer's own; `rtt`: of the signalling, in milliseconds or null. */
  draw(facts, devices, rtt) {
    for (const { words, node } of this.#hints) setText(node, t(words));
    this.#help.draw({ word: t('keys.help'), key: '?' });
    setText(this.#me, facts.welcome ? `${facts.welcome.officer} · ${facts.welcome.desk_name}` : '');
    setText(this.#time, new Date().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' }));
    this.#link.draw(ownLink(facts, rtt), t('link.own.title'));
    const off = !devices.choice.cameraOn;
    this.#camera.node.dataset.name = 'camera';
    this.#camera.draw({ icon: off || devices.camera !== 'ok' ? 'camoff' : 'cam', word: t(off ? 'own.camera.off' : `own.camera.${devices.camera}`), pressed: off });
    this.#devices.draw({ icon: devices.microphone === 'ok' ? 'mic' : 'micoff', word: t('devices'), key: 'M' });
    this.#language.draw({ icon: 'globe', word: language() === 'id' ? 'EN' : 'ID' });
    this.#language.node.setAttribute('aria-label', t('language.other'));
    const { day } = facts;
    this.#rest.draw({ icon: 'cup', word: t(day?.pause ? 'break.back' : 'break'), key: 'B', off: !facts.known || day?.status === 'closed' });
    this.#close.draw({ icon: 'door', word: t('closing.title'), off: !facts.known || Boolean(day?.pause) || day?.status === 'closed' });
    this.#close.node.classList.toggle('is-on', day?.status === 'closing');
    this.#leave.draw({ icon: 'power', word: t('leave') });
  }
}

function ownLink(facts, rtt) {
  if (facts.link !== 'up' || !facts.mediaUp) return 0;
  return 4 - SLOW_MS.filter((ms) => (rtt ?? 0) >= ms).length;
}
