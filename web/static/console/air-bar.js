// The air bar: who hears the officer, by the server's word.

import { el } from '../element.js';
import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { clock } from './age.js';
import { iconHolder, keyButton, setAttribute, setIcon, setText } from './paint.js';
import { airSight } from './sight.js';

const MIC_SHAPE = [0.55, 0.8, 1, 0.8, 0.55];

export class AirBar {
  #node;
  #icon = iconHolder();
  #mark = el('span');
  #bold = el('b');
  #text = el('span');
  #small = el('span');
  #alert = el('span', { class: 'holder', hidden: true }, icon('alert'));
  #tell;
  #mic;
  #micBars = MIC_SHAPE.map(() => el('i'));
  #clock = el('span', { class: 'air__clock num' });
  #ears = [];
  #earList;
  #announce;
  #hold;

  /** `act` {announce(active), hold()}. */
  constructor(node, act, slots) {
    this.#node = node;
    this.#tell = el('small', {}, this.#alert, this.#small);
    this.#mic = el('span', { class: 'air__mic', role: 'meter', 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': 0, hidden: true }, ...this.#micBars);
    for (let slot = 1; slot <= slots; slot += 1) {
      const ear = { node: el('li', { 'data-slot': slot }, String(slot)), mark: icon('ear'), word: el('span', { class: 'sr' }) };
      ear.mark.setAttribute('hidden', '');
      ear.node.append(ear.mark, ear.word);
      this.#ears.push(ear);
    }
    this.#earList = el('ol', { class: 'ears' }, ...this.#ears.map((ear) => ear.node));
    this.#announce = keyButton('btn--ghost', () => {});
    this.#hold = keyButton('', () => act.hold());
    pressAndHold(this.#announce.node, act.announce);
    node.replaceChildren(
      el('div', { class: 'air__say', role: 'status', 'aria-live': 'assertive', 'aria-atomic': 'true' },
        el('p', { class: 'air__mark' }, this.#icon, this.#mark),
        el('p', { class: 'air__who' }, el('span', {}, this.#bold, ' ', this.#text), this.#tell)),
      this.#mic, this.#clock, this.#earList, this.#announce.node, this.#hold.node,
    );
  }

  draw(facts) {
    const sight = airSight(facts);
    setAttribute(this.#node, 'data-air', sight.kind);
    setIcon(this.#icon, sight.icon);
    setText(this.#mark, sight.mark);
    setText(this.#bold, sight.bold);
    setText(this.#text, sight.text);
    setText(this.#small, sight.small);
    this.#tell.classList.toggle('air__problem', sight.problem === true);
    this.#alert.hidden = sight.problem !== true;
    const on = sight.kind === 'talk' || sight.kind === 'announce';
    this.#mic.hidden = !on;
    setAttribute(this.#mic, 'aria-label', t('air.mic'));
    this.#clock.hidden = sight.clock_ms === null;
    if (sight.clock_ms !== null) setText(this.#clock, clock(sight.clock_ms));
    setAttribute(this.#earList, 'aria-label', t('air.ears'));
    this.#ears.forEach((ear, index) => this.#drawEar(ear, index + 1, sight));
    const announcing = sight.kind === 'announce' || facts.asked?.kind === 'announce';
    this.#announce.draw({
      icon: 'mega', word: t(announcing ? 'air.release' : 'air.announce.key'), key: 'A',
      off: !facts.known, pressed: announcing,
    });
    // Never out of reach: holding is allowed always, only the colour says that nothing is on air.
    this.#hold.draw({ icon: 'pause', word: t('air.hold'), key: 'Esc', off: facts.link === 'down' });
    this.#hold.node.classList.toggle('btn--idle', !on && sight.kind !== 'pending');
  }

  /** The officer's own microphone, 0 to 1. */
  set level(level) {
    this.#micBars.forEach((bar, index) => {
      bar.style.setProperty('--level', Math.max(0.12, level * MIC_SHAPE[index]).toFixed(2));
    });
    setAttribute(this.#mic, 'aria-valuenow', Math.round(level * 10) * 10);
  }

  #drawEar(ear, slot, sight) {
    const hears = sight.hears.includes(slot);
    const asked = sight.asked === slot && !hears;
    ear.node.classList.toggle('is-on', hears);
    ear.node.classList.toggle('is-asked', asked);
    ear.mark.toggleAttribute('hidden', !hears);
    setText(ear.word, t(hears ? 'air.ear.hears' : asked ? 'air.ear.asked' : 'air.ear.no'));
  }
}

/** Held with the pointer or with Space: ends when it is let go, wherever the pointer is by then. */
function pressAndHold(node, announce) {
  node.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || node.getAttribute('aria-disabled') === 'true') return;
    node.setPointerCapture(event.pointerId);
    announce(true);
  });
  for (const name of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    node.addEventListener(name, () => announce(false));
  }
  node.addEventListener('contextmenu', (event) => event.preventDefault());
  const isPress = ({ key }) => key === ' ' || key === 'Enter';
  node.addEventListener('keydown', (event) => {
    if (isPress(event) && !event.repeat && node.getAttribute('aria-disabled') !== 'true') announce(true);
  });
  node.addEventListener('keyup', (event) => {
    if (isPress(event)) announce(false);
  });
}
