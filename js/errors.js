/** The error of every event `error`. Its `name` is "Error", as in PeerJS, because programs may print or compare it. */
export class PeerError extends Error {
  /**
   * @param {string} type a documented error type
   * @param {Error | string} err the message, or the error that caused this one
   */
  constructor(type, err) {
    if (typeof err === "string") {
      super(err);
    } else {
      super(err?.message, { cause: err });
      // PeerJS copies the own properties of an error, such as `code`.
      Object.assign(this, err);
    }
    this.type = type;
  }
}
