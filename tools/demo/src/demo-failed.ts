/** The demo cannot go on; the message is all that a person needs. */
export class DemoFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DemoFailed";
  }
}
