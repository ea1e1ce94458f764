// Texts that the officer sent, and whether the visitor has read them.
//
// The server keeps a text until it is read or taken back; the console, which knows what it took back
// itself, tells the two apart.

export class Texts {
  #sent = new Map(); // slot -> {occupant, text, status, at}

  /** {text, status, at} for the present visitor of a slot, or null. `status` is sending, sent or
   *  read; `at` is null when another console sent it. */
  of(tile) {
    const record = this.#sent.get(tile?.slot);
    return record && record.occupant === tile.occupant ? record : null;
  }

  sending(tile, text) {
    const record = { occupant: tile.occupant, text, status: 'sending', at: performance.now() };
    this.#sent.set(tile.slot, record);
    return record;
  }

  acknowledged(record) {
    if (record.status === 'sending') record.status = 'sent';
  }

  /** Refused, or taken back: as if it had not been. */
  forget(slot) {
    this.#sent.delete(slot);
  }

  told(desk) {
    for (const tile of desk.tiles) {
      const record = this.#sent.get(tile.slot);
      if (record && record.occupant !== tile.occupant) this.#sent.delete(tile.slot);
      if (tile.text && (!record || record.text !== tile.text.text)) {
        if (record?.status === 'sending') continue;
        this.#sent.set(tile.slot, { occupant: tile.occupant, text: tile.text.text, status: 'sent', at: null });
      } else if (!tile.text && record?.status === 'sent') {
        record.status = 'read';
      }
    }
  }
}
