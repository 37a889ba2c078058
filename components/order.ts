import type { Resource } from "@pulumi/pulumi";

/** One part of an update. What comes after it waits until all of it has been made. */
export class Stage {
  private readonly resources: Resource[] = [];
  private release: (resources: Resource[]) => void = () => undefined;
  private readonly whole = new Promise<Resource[]>((resolve) => {
    this.release = resolve;
  });

  /** Takes resources into the stage. */
  add(...resources: readonly Resource[]): void {
    this.resources.push(...resources);
  }

  /** For `dependsOn`: everything in the stage, and some resources more. */
  async and(...more: readonly Resource[]): Promise<Resource[]> {
    return [...(await this.whole), ...more];
  }

  /** Says that the stage is complete. Before that nothing that comes after it is made. */
  close(): void {
    this.release([...this.resources]);
  }
}

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

  close(): void {
    for (const stage of [this.looked, this.widened, this.moved, this.gated]) stage.close();
  }
}
