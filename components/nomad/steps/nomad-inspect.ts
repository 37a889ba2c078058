import { readInput } from "../../../util/step";
import { hostOfStep } from "../../linux/step";
import { refuseBlocking } from "../../speakers/calico/inspect/finding";
import { NomadClient } from "../api/client";
import { accessOf, nomadInspectInput } from "../input";
import { inspectNomad } from "../inspect/look";

/** Ends well unless something of the cluster or its clients stands in the way of the plan. */
export async function run(): Promise<void> {
  const { coe, hosts: shells, ...reached } = await readInput(nomadInspectInput);
  const client = new NomadClient(accessOf(reached, process.env));
  // The first of them takes the key out of the environment.
  const environment = { ...process.env };
  const hosts = Object.fromEntries(
    Object.entries(shells).map(([name, shell]) => [
      name,
      hostOfStep({ name: coe.nodes[name]?.id ?? name, shell }, { ...environment }),
    ]),
  );
  const { findings } = await inspectNomad(client, coe, hosts);
  refuseBlocking(coe.name, findings);
}
