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
