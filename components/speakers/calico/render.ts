import { stringify } from "yaml";
import { calicoObjects, inOrder } from "./objects";
import type { CalicoObject, CalicoPlan } from "./types";
import { calicoV1Documents, calicoV1Settings } from "./v1";

// Without aliases: two objects that share a rule are still written out in full.
const options = { aliasDuplicateObjects: false } as const;

/** One YAML document for each object, as `calicoctl apply -f -` takes them; a text that changes with its content only. */
export function calicoYaml(objects: readonly CalicoObject[]): string {
  return objects
    .map((object) => stringify(object, { ...options, sortMapEntries: true }))
    .join("---\n");
}

/** The objects of projectcalico.org/v3 as text. */
export function renderCalicoV3(plan: CalicoPlan): string {
  return calicoYaml(inOrder(calicoObjects(plan)));
}

/**
 * The documents of the v1 API as one YAML list, for `calicoctl apply -f -` of Calico 2.x. The settings that
 * v1 has no document for come first, as comments.
 */
export function renderCalicoV1(plan: CalicoPlan): string {
  const settings = calicoV1Settings(plan).map((argv) => `# ${argv.join(" ")}\n`);
  return `${settings.join("")}${calicoV1Yaml(plan)}`;
}

/** The documents alone. */
export function calicoV1Yaml(plan: CalicoPlan): string {
  return stringify(calicoV1Documents(plan), options);
}
