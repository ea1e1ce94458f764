// The keyboard: one hand, eight hours. In a text field only Escape and Ctrl combinations act.

const FIELDS = 'input, textarea, select, [contenteditable]';

/**
 * `act` {talk(slot), next(), announce(active), text(), end(), devices(), linkKey(), help(), escape(), busy()}.
 * `busy` is true while a dialog stands; only Escape acts then.
 */
export function listenForKeys(act) {
  let announcing = null; // the physical key that holds the announcement
  const letters = {
    n: () => act.next(),
    t: () => act.text(),
    e: () => act.end(),
    m: () => act.devices(),
    l: () => act.linkKey(),
    '?': () => act.help(),
  };

  window.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      announcing = null; // holding ends it too
      act.escape();
      return;
    }
    if (event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest?.(FIELDS) || act.busy()) return;
    const key = event.key.toLowerCase();
    if (key >= '1' && key <= '9' && key.length === 1) act.talk(Number(key));
    else if (key === 'a') {
      announcing = event.code;
      act.announce(true);
    } else if (letters[key]) letters[key]();
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
