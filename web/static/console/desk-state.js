// What this console knows: the server's last word on the desk, and what was asked since.

const REFUSAL_SHOWN_MS = 6000;

/** Event `change`: draw again. Nothing in here is a promise; `desk` alone says who hears whom. */
export class DeskState extends EventTarget {
  link = 'connecting'; // connecting, up, down
  attempt = 0;
  lostAt = null;
  welcome = null;
  desk = null; // the last `desk` message of this connection
  asked = null; // {kind: 'talk' | 'announce' | 'hold', slot?}: sent, not yet acknowledged
  refusal = null; // {kind, slot, code, until}
  focus = null;
  mediaUp = false;
  microphone = 'off'; // our own, in the words of the message `devices`
  silent = false; // on air, and our microphone gives nothing at all
  soundBlocked = false; // the browser wants a key or a click before it plays sound
  otherMicrophone = null; // the label of a microphone that replaced the one before
  queue = null; // the branch's, as it was told last: {waiting, oldest_s, next, called, at}
  left = new Map(); // slot -> decided: whose visit ended there, until somebody else sits down
  #toldAt = 0;

  /** Milliseconds by the server's figure, gone on since it was told; null stays null. */
  age(ms) {
    return ms === null || ms === undefined ? null : ms + (performance.now() - this.#toldAt);
  }

  tile(slot) {
    return this.desk?.tiles.find((tile) => tile.slot === slot) ?? null;
  }

  /** True while the server's word is fresh: its connection stands. */
  get known() {
    return this.link === 'up' && this.desk !== null;
  }

  welcomed(welcome) {
    this.link = 'up';
    this.welcome = welcome;
    this.desk = null;
    this.queue = null;
    this.attempt = 0;
    this.lostAt = null;
    this.changed();
  }

  toldQueue(queue) {
    this.queue = { ...queue, at: performance.now() };
    this.changed();
  }

  /** The ticket of who was called to this booth; null: nobody is awaited there. */
  calledTo(slot) {
    return this.queue?.called.find((each) => each.slot === slot)?.code ?? null;
  }

  told(desk) {
    this.#seeWhoLeft(desk);
    this.desk = desk;
    this.#toldAt = performance.now();
    this.focus ??= desk.focus ?? firstFocus(desk);
    this.changed();
  }

  #seeWhoLeft(desk) {
    for (const tile of desk.tiles) {
      const before = this.tile(tile.slot);
      if (tile.occupant !== null) this.left.delete(tile.slot);
      else if (before?.progress) this.left.set(tile.slot, before.progress.working === 'decided');
    }
  }

  /** The connection is gone: nothing that was said holds any longer. */
  lost() {
    if (this.link === 'up') this.lostAt = performance.now();
    this.link = 'down';
    this.asked = null;
    this.refusal = null;
    this.changed();
  }

  retrying(attempt) {
    this.attempt = attempt;
    if (attempt > 1 && this.link === 'connecting') {
      this.link = 'down';
      this.lostAt = performance.now();
    }
    this.changed();
  }

  ask(asked) {
    this.asked = asked;
    this.refusal = null;
    this.changed();
  }

  /** `asked` was answered; a later question stays open. */
  settled(asked) {
    if (this.asked !== asked) return;
    this.asked = null;
    this.changed();
  }

  refused(kind, slot, code) {
    this.refusal = { kind, slot, code, until: performance.now() + REFUSAL_SHOWN_MS };
    this.changed();
  }

  /** Time passes: sentences that have stood long enough go. */
  tick() {
    if (this.refusal && performance.now() > this.refusal.until) this.refusal = null;
    this.changed();
  }

  set(facts) {
    Object.assign(this, facts);
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** On the first desk after opening: who is on air, who needs the officer, who sits there. */
function firstFocus(desk) {
  const sits = desk.tiles.find((tile) => tile.occupant !== null);
  const there = desk.tiles.find((tile) => tile.state !== 'vacant');
  return desk.on_air ?? desk.next[0]?.slot ?? sits?.slot ?? there?.slot ?? null;
}
