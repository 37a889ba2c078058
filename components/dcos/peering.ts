import { local } from "@pulumi/command";
import { ComponentResource, type ComponentResourceOptions, secret } from "@pulumi/pulumi";
import { SeamlessError } from "../../util/errors";
import { calicoObjects, calicoPlan, inOrder } from "../calico/objects";
import { calicoYaml } from "../calico/render";
import type { CoeArgs } from "../types";
import { type MarathonAppInput, tokenVariable } from "./app-input";
import type { CalicoEtcdInput } from "./calico-etcd";
import { probeApp } from "./probe-app";

/** Joins one DC/OS cluster to the plan: Calico's objects in its etcd datastore, and the probe by Marathon. */
export class DcosPeering extends ComponentResource {
  constructor(name: string, args: CoeArgs, options?: ComponentResourceOptions) {
    const { plan, coe, access, probe } = args;
    super("seamless:index:DcosPeering", name, { coe: plan.coes[coe] }, options);

    const calico: CalicoEtcdInput = {
      etcdEndpoints: [...required(access.etcdEndpoints, coe, "etcd", '["http://10.0.0.1:2379"]')],
      objects: calicoYaml(inOrder(calicoObjects(calicoPlan(plan, coe)))),
    };
    const applied = new local.Command(
      `${name}-calico`,
      {
        create: "bin/seamless internal calico-etcd",
        update: "bin/seamless internal calico-etcd",
        delete: "bin/seamless internal calico-etcd-delete",
        stdin: text(calico),
      },
      { parent: this },
    );

    if (probe !== undefined) {
      const input: MarathonAppInput = {
        url: required(access.url, coe, "url", '"https://<cluster>/service/marathon"'),
        app: probeApp(plan, coe, probe),
      };
      new local.Command(
        `${name}-probe`,
        {
          create: "bin/seamless internal marathon-app",
          update: "bin/seamless internal marathon-app",
          delete: "bin/seamless internal marathon-app-delete",
          stdin: text(input),
          ...(access.token === undefined
            ? {}
            : { environment: { [tokenVariable]: secret(access.token) } }),
        },
        // Tasks get their addresses from the pool.
        { parent: this, dependsOn: applied },
      );
    }
    this.registerOutputs({});
  }
}

/** Indented, so that a preview shows the lines that change. */
function text(input: unknown): string {
  return `${JSON.stringify(input, null, 2)}\n`;
}

function required<T>(value: T | undefined, coe: string, field: string, example: string): T {
  if (value !== undefined) return value;
  throw new SeamlessError(
    `coes.${coe}.access.${field}: missing; a DC/OS cluster needs it, for instance ${example}`,
  );
}
