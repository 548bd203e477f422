// How the SDK's event targets tell things: an event whose `detail` is what there is to tell.

export class Told extends Event {
  constructor(type, detail) {
    super(type);
    this.detail = detail;
  }
}
