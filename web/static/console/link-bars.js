// Link quality as four bars.

import { el } from '../element.js';
import { t } from '../i18n.js';
import { setAttribute } from './paint.js';

/** The bars as a button that opens the numbers behind them; `words` stand beside the bars. */
export function linkSign(className, onclick, ...words) {
  const bars = new LinkBars();
  const node = el('button', { type: 'button', class: `linksign ${className}`, 'aria-controls': 'link-panel', onclick }, ...words, bars.node);
  setAttribute(node, 'aria-expanded', 'false');
  return {
    node,
    /** 0 to 4; `label` says whose link it is. */
    draw(link, label) {
      bars.draw(link);
      setAttribute(node, 'aria-label', `${label}. ${t('link.bars', { link })}. ${t('link.details')}`);
    },
  };
}

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
