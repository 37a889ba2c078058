import { type Resource, ResourceHook, type ResourceOptions, runtime } from "@pulumi/pulumi";
import { Stage } from "./stage";

/** What is known of a turn when its resources are as planned. */
export interface Turn {
  /** Whether one of them has changed in this update. */
  readonly changed: boolean;
  /** Names of the COEs whose nodes get another password of a router with it, where they get one. */
  readonly followers: ReadonlySet<string>;
  /** Those of them whose nodes have got one by now. */
  readonly rekeyed: ReadonlySet<string>;
}

/** Waits until the sessions of a router are back, where they may have gone. @throws Error that names those that are not */
export type SessionsBack = (router: string, turn: Turn) => Promise<void>;

/**
 * Routers change one after the other: nothing is done to one before the sessions of those ahead of it are back, so that every
 * node has a router to which nothing happens. An update that has stopped in between goes on there: the router ahead is as
 * planned by then, and is asked again all the same.
 */
export class Turns {
  private readonly parts = new Map<string, Stage>();
  private readonly hooks = new Map<string, ResourceHook>();
  private readonly changed = new Set<string>();
  private readonly followers = new Set<string>();
  private readonly rekeyed = new Map<string, Set<string>>();
  private readonly ended = new Map<string, Promise<Resource[]>>();

  /**
   * @param routers their names, in the order in which they change; one alone waits for nobody
   * @param back is asked when all of a router is as planned, in an update and never in a preview
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

  /** Options of a resource that gives the nodes of a COE another password of a router. */
  keying(router: string, coe: string): Pick<ResourceOptions, "hooks"> {
    if (!this.parts.has(router)) return {};
    this.followers.add(coe);
    const hook = new ResourceHook(`password-${router}-${coe}`, () => {
      this.changed.add(router);
      this.rekeyed.set(router, (this.rekeyed.get(router) ?? new Set()).add(coe));
    });
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
    const { followers } = this;
    const rekeyed = this.rekeyed.get(router) ?? new Set<string>();
    const changed = this.changed.has(router);
    if (!runtime.isDryRun()) await this.back(router, { changed, followers, rekeyed });
    return resources;
  }
}

/** The engine tells a resource's name when it has done with it. */
function made(resource: Resource): Promise<unknown> {
  return new Promise((resolve) => resource.urn.apply(resolve));
}
