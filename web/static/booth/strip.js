// The strip: who sees and hears, what camera and microphone do, and the call button.

import { icon } from '../icons.js';
import { t } from '../i18n.js';
import { button, el } from '../element.js';

const WHO = {
  off: 'earoff',
  self: 'earoff',
  on: 'ear',
  hold: 'pause',
  one: 'mega',
  bad: 'earoff',
};

/** Draws `sight` into the strip when something of it has changed. */
export class Strip {
  #root;
  #act;
  #drawn = '';

  constructor(root, act) {
    this.#root = root;
    this.#act = act;
  }

  draw(sight, language) {
    const { live, camera, microphone, call, cannotHear, officer, colleague, table } = sight;
    const key = JSON.stringify([language, live, camera, microphone, call, cannotHear, table, officer, colleague]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    const focused = this.#root.contains(document.activeElement);
    this.#root.dataset.live = live;
    this.#root.replaceChildren(
      el('p', { class: 'strip__who' }, icon(WHO[live]), el('span', {}, t(whoKey(sight), { officer }))),
      table ? device('camera', 'used', 'cam', 'camoff', 'camera.two') : device('camera', camera, 'cam', 'camoff'),
      device('microphone', microphone, 'mic', 'micoff'),
      this.#button(call),
    );
    if (focused) this.#root.querySelector('.btn')?.focus();
  }

  #button(call) {
    switch (call) {
      case 'call':
        return button(t('strip.call'), 'bell', '', () => this.#act.call(true));
      case 'called':
        return button(t('strip.called'), 'check', '', () => this.#act.call(false), { 'aria-pressed': 'true' });
      case 'cannot':
        return button(t('strip.cannot'), 'sound', '', () => this.#act.cannotHear(true));
      case 'cannot_told':
        return button(t('strip.cannot_told'), 'check', '', () => this.#act.cannotHear(false), {
          'aria-pressed': 'true',
        });
      default:
        return el('p', { class: 'strip__tip' }, icon('help'), el('span', {}, t('strip.guard')));
    }
  }
}

function whoKey({ live, microphone, camera, officer, colleague }) {
  if (colleague && officer !== null && (live === 'hold' || live === 'self')) return 'strip.who.colleague';
  if (live === 'on' && microphone !== 'used') return 'strip.who.on_without_sound';
  if (live === 'self' && camera !== 'used') return 'strip.who.off';
  return `strip.who.${live}`;
}

function device(name, state, on, off, words = `${name}.${state}`) {
  return el(
    'p',
    { class: 'strip__dev', 'data-device': name, 'data-state': state },
    icon(state === 'live' || state === 'used' ? on : off),
    el('b', {}, t(words)),
    el('small', {}, t(`${words}.means`)),
  );
}
