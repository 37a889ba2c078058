import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";

/**
 * Options of a component whose parts live on the lab's machine: they are gone when that is gone. A destroy of the whole lab
 * does not ask programs of the lab to delete them one by one, so it needs none that still runs.
 */
export function within(machine: Resource): ComponentResourceOptions {
  return {
    transformations: [
      ({ props, opts }) => ({ props, opts: { ...opts, deletedWith: opts.deletedWith ?? machine } }),
    ],
  };
}
