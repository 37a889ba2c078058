import { type Resource, ResourceHook, type ResourceOptions } from "@pulumi/pulumi";
import { Stage } from "./stage";

/**
 * Waits until the sessions of a router are back.
 * @param followers names of the COEs whose nodes have got another password of it by then
 * @throws Error that names those that are not
 */
export type SessionsBack = (router: string, followers: ReadonlySet<string>) => Promise<void>;

/**
 * Routers change one after the other: nothing is done to one before the sessions of those ahead of it are back, so that every
 * node has a router to which nothing happens. Where nothing of a router has changed, nobody waits for it.
 */
export class Turns {
  private readonly parts = new Map<string, Stage>();
  private readonly hooks = new Map<string, ResourceHook>();
  private readonly changed = new Set<string>();
  private readonly followers = new Set<string>();
  private readonly ended = new Map<string, Promise<Resource[]>>();

  /**
   * @param routers their names, in the order in which they change; one alone waits for nobody
   * @param back is asked when something of a router has changed
   */
  constructor(
    private readonly routers: readonly string[] = [],
    private readonly back: SessionsBack = async () => undefined,
  ) {
    if (routers.length > 1) for (const router of routers) this.parts.set(router, new Stage());
  }

  /** Whether a router is one of several that change in turn. */
  has(router: string): boolean {
    return this.parts.has(router);
  }

  /** Says that nodes of a COE get another password of a router by resources that are added here. */
  follow(coe: string): void {
    this.followers.add(coe);
  }

  /** Takes resources that have to be as planned before the next router changes. */
  add(router: string, ...resources: readonly Resource[]): void {
    this.parts.get(router)?.add(...resources);
  }

  /** Options of a resource whose change may end sessions of a router. */
  noting(router: string): Pick<ResourceOptions, "hooks"> {
    if (!this.parts.has(router)) return {};
    const hook =
      this.hooks.get(router) ??
      new ResourceHook(`changed-${router}`, () => {
        this.changed.add(router);
      });
    this.hooks.set(router, hook);
    return { hooks: { afterCreate: [hook], afterUpdate: [hook] } };
  }

  /** For `dependsOn`: everything of the routers ahead of one, once their sessions are back. */
  async before(router: string): Promise<Resource[]> {
    if (!this.parts.has(router)) return [];
    const ahead = this.routers.slice(0, this.routers.indexOf(router));
    return (await Promise.all(ahead.map((one) => this.end(one)))).flat();
  }

  close(): void {
    for (const part of this.parts.values()) part.close();
  }

  private end(router: string): Promise<Resource[]> {
    const ended = this.ended.get(router) ?? this.awaitEnd(router);
    this.ended.set(router, ended);
    return ended;
  }

  private async awaitEnd(router: string): Promise<Resource[]> {
    const resources = (await this.parts.get(router)?.and()) ?? [];
    await Promise.all(resources.map(made));
    if (this.changed.has(router)) await this.back(router, this.followers);
    return resources;
  }
}

/** The engine tells a resource's name when it has done with it. */
function made(resource: Resource): Promise<unknown> {
  return new Promise((resolve) => resource.urn.apply(resolve));
}
