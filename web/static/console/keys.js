// The keyboard: one hand, eight hours. In a text field only Escape and Ctrl combinations act.

const PRESSED = 'button, a, [tabindex="0"]'; // what Enter presses or scrolls by itself
const FIELDS = 'input, textarea, select, [contenteditable]';

/**
 * `act` {talk(slot), next(), announce(active), text(), end(), devices(), linkKey(), help(), capture(),
 * compare(), back(), edit(how), judge(good), again(), flag(name), complete(), decide(), handOver(),
 * answerOffer(accepted), rest(), wrapUp(), escape(), busy(), dialogKey(event)}. The keys of a dialog go
 * to it first. `busy` is true while one bars the page's keys; Escape acts then too.
 */
export function listenForKeys(act) {
  let announcing = null; // the physical key that holds the announcement
  const letters = {
    n: () => act.next(),
    t: () => act.text(),
    e: () => act.end(),
    m: () => act.devices(),
    l: () => act.linkKey(),
    c: () => act.capture(),
    v: () => act.compare(),
    x: () => act.back(),
    r: () => act.again(),
    p: () => act.edit('crop'),
    ',': () => act.edit('left'),
    '.': () => act.edit('right'),
    z: ({ shiftKey }) => act.edit(shiftKey ? 'smaller' : 'larger'),
    k: () => act.flag('prompted'),
    f: () => act.flag('broker'),
    b: () => act.rest(),
    g: () => act.complete(),
    d: () => act.decide(),
    h: () => act.handOver(),
    y: () => act.answerOffer(true),
    q: () => act.answerOffer(false),
    '+': () => act.judge(true),
    '-': () => act.judge(false),
    '−': () => act.judge(false),
    '?': () => act.help(),
  };

  window.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      announcing = null; // holding ends it too
      act.escape();
      return;
    }
    if (event.repeat || event.isComposing) return;
    if (act.dialogKey(event)) {
      event.preventDefault();
      return;
    }
    if (act.busy()) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest?.(FIELDS)) return;
    const key = event.key.toLowerCase();
    if (key >= '1' && key <= '9' && key.length === 1) act.talk(Number(key));
    else if (key === 'a') {
      announcing = event.code;
      act.announce(true);
    } else if (letters[key]) letters[key](event);
    else if (key === 'enter' && !event.target.closest?.(PRESSED)) act.wrapUp();
    else return;
    event.preventDefault();
  });
  window.addEventListener('keyup', (event) => {
    if (event.code !== announcing) return;
    announcing = null;
    act.announce(false);
  });
  // The button on the page may be what holds it: whoever looks elsewhere does not announce.
  const leave = () => {
    announcing = null;
    act.announce(false);
  };
  window.addEventListener('blur', leave);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) leave();
  });
}
