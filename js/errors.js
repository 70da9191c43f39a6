/**
 * What every event `error` carries. Its `name` stays "Error", as in PeerJS, whose programs may print or compare it.
 */
export class PeerError extends Error {
  /**
   * @param {string} type one of the documented strings
   * @param {Error | string} err in words, or the error that caused this one
   */
  constructor(type, err) {
    if (typeof err === "string") {
      super(err);
    } else {
      super(err?.message, { cause: err });
      // PeerJS hands an error's own properties on (`code` of a server's error, say).
      Object.assign(this, err);
    }
    this.type = type;
  }
}
