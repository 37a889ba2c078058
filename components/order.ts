import { Stage } from "./stage";
import { Turns } from "./turns";

/**
 * Look, then widen, then move, then narrow. Everything is looked at before anything is changed; reflectors accept what is
 * new before COEs use it, and what is old until no COE uses it.
 */
export class UpdateOrder {
  /** The looks at every COE and every reflector. */
  readonly looked = new Stage();
  /** Reflectors that accept what they accepted before, and what the plan says. */
  readonly widened = new Stage();
  /** COEs that are as the plan says. */
  readonly moved = new Stage();
  /** What has to agree before anything is narrowed; empty unless the configuration asks for it. */
  readonly gated = new Stage();

  /** @param turns in which order reflectors change. Default: all at once */
  constructor(readonly turns = new Turns()) {}

  close(): void {
    this.turns.close();
    for (const stage of [this.looked, this.widened, this.moved, this.gated]) stage.close();
  }
}
