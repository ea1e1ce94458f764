// The top band: where am I, help, language.

import { t } from '../i18n.js';
import { button, el } from '../element.js';
import { isRead } from './sight.js';

const LOGO =
  '<svg viewBox="0 0 40 40" aria-hidden="true"><rect class="logo__ground" width="40" height="40" rx="10"/>' +
  '<path class="logo__sheet" d="M8 11a3 3 0 0 1 3-3h18a3 3 0 0 1 3 3v11a3 3 0 0 1-3 3H18l-6 5v-5h-1a3 3 0 0 1-3-3z"/>' +
  '<circle class="logo__ground" cx="20" cy="14" r="3.2"/>' +
  '<path class="logo__ground" d="M13.5 23c.5-3.6 3-5.200 6.5-5.200s6 1.600 6.5 5.200z"/></svg>';

export class Top {
  #root;
  #act;
  #drawn = '';

  constructor(root, act) {
    this.#root = root;
    this.#act = act;
  }

  /** `place` is "branch · booth", empty while it is unknown; `reading`: screens are read aloud. */
  draw(sight, language, place, reading) {
    const help = sight.running && !['menu', 'stop'].includes(sight.screen);
    // On the consent screen it is one of the large buttons.
    const read = isRead(sight) && sight.screen !== 'consent';
    const { progress } = sight;
    const key = JSON.stringify([language, place, help, read, reading, progress]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    const focused = document.activeElement?.lang;
    const onRead = document.activeElement?.classList.contains('read');
    const brand = el('p', { class: 'brand' });
    brand.innerHTML = LOGO;
    brand.append(el('span', {}, t('brand'), el('small', {}, place)));
    this.#root.replaceChildren(
      brand,
      ...(progress ? [steps(progress)] : []),
      el(
        'div',
        { class: 'top__end' },
        help ? button(t('help'), 'help', '', () => this.#act.help('menu')) : null,
        read
          ? button(t('read'), 'sound', 'read', this.#act.readAloud, { 'aria-pressed': String(reading) })
          : null,
        el(
          'nav',
          { class: 'lang', 'aria-label': t('languages') },
          this.#language('id', 'Indonesia', language),
          this.#language('en', 'English', language),
        ),
      ),
    );
    if (focused) this.#root.querySelector(`.lang [lang="${focused}"]`)?.focus();
    if (onRead) this.#root.querySelector('.read')?.focus();
  }

  #language(code, name, current) {
    const more = { lang: code, 'aria-current': code === current ? 'true' : null };
    return button(name, null, '', () => this.#act.language(code), more);
  }
}

/** How far the visit is: parts done, the present one, and those to come. */
function steps({ at, of }) {
  const bar = el('ol', { 'aria-hidden': 'true' });
  for (let part = 1; part <= of; part += 1) {
    bar.append(el('li', { class: part < at ? 'is-done' : part === at ? 'is-now' : null }));
  }
  return el('div', { class: 'progress' }, el('span', { class: 'num' }, t('progress', { at, of })), bar);
}
