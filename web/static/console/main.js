// The officer's console: one desk, up to six booths.

import { button } from '../element.js';
import { language, loadLocale, preloadLocale, setLanguage, t } from '../i18n.js';
import { goToSignIn, signOut, whoAmI } from './session.js';
import { notice } from './cover.js';
import { DevicePanel } from './device-panel.js';
import { openDesk } from './desk.js';
import { showGate } from './gate.js';
import { OwnDevices } from './own-devices.js';
import { OwnLevel } from './own-level.js';

const LANGUAGE_KEPT_AS = 'vcs.language';

const address = new URLSearchParams(window.location.search);
// The server wrote the officer's language into the page; a choice made on this computer goes first.
const first = localStorage.getItem(LANGUAGE_KEPT_AS) ?? document.documentElement.lang;
await loadLocale('console', first);
// Visitors are written to in theirs; the console's own words are fetched when they are asked for.
await Promise.all(['id', 'en'].map((each) => preloadLocale('phrases', each)));
const me = await whoAmI(() => notice('again', t('server.away'), t('server.away.means')));
if (me === null) goToSignIn();
else welcome();

function welcome() {
  if (me.desks.length === 0) {
    notice('info', t('no_desk'), t('no_desk.means'), button(t('leave'), 'power', '', signOut));
    return;
  }
  const devices = new OwnDevices();
  const level = new OwnLevel();
  let microphone = null;
  devices.addEventListener('change', () => {
    if (devices.track('microphone') === microphone) return;
    microphone = devices.track('microphone');
    level.setTrack(microphone);
  });
  for (const event of ['keydown', 'pointerdown']) window.addEventListener(event, () => level.resume());

  const wanted = Number(address.get('desk')) || null;
  const open = (desk) => openDesk({ desk, me, devices, level, switchLanguage });
  devices.open();
  // `open` in the address opens the desk without the gate, as a start script of a counter does.
  if (address.has('open')) open(me.desks.find(({ id }) => id === wanted)?.id ?? me.desks[0].id);
  else gate(wanted, devices, level, open);
}

function gate(wanted, devices, level, open) {
  const panel = new DevicePanel(devices, level, () => false);
  showGate(me, wanted, panel.node, {
    open: (desk) => {
      panel.stop();
      open(desk);
    },
    language: async () => {
      await switchLanguage();
      panel.stop();
      gate(wanted, devices, level, open);
    },
    leave: signOut,
  });
}

async function switchLanguage() {
  const next = language() === 'id' ? 'en' : 'id';
  try {
    await setLanguage(next);
  } catch {
    return; // no server to ask: as it is
  }
  localStorage.setItem(LANGUAGE_KEPT_AS, next);
}
