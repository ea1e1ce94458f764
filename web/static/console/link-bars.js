// Link quality as four bars.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { setAttribute } from './paint.js';

export class LinkBars {
  #bars = [1, 2, 3, 4].map(() => el('i'));

  constructor() {
    this.node = el('span', { class: 'bars', role: 'img' }, ...this.#bars);
  }

  /** 0 (none) to 4 (good). */
  draw(link) {
    this.#bars.forEach((bar, index) => bar.classList.toggle('is-on', index < link));
    this.node.classList.toggle('bars--low', link === 1);
    setAttribute(this.node, 'aria-label', t('link.bars', { link }));
  }
}
