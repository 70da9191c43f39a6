// How often each of the latest messages has come.

const MOST_KEYS = 512;
const MOST_CHARACTERS = 2 ** 20;

export class Counts {
  _counts = new Map();
  _characters = 0;

  get size() {
    return this._counts.size;
  }

  get(key) {
    return this._counts.get(key) ?? 0;
  }

  /** Counts one more, and forgets the oldest when there is too much to remember. */
  add(key) {
    const count = this.get(key) + 1;
    if (this._counts.delete(key)) this._characters -= key.length;
    this._counts.set(key, count);
    this._characters += key.length;
    while (this.size > MOST_KEYS || (this._characters > MOST_CHARACTERS && this.size > 1)) {
      const oldest = this._counts.keys().next().value;
      this._counts.delete(oldest);
      this._characters -= oldest.length;
    }
    return count;
  }
}
