import { table } from "../util/table";
import type { Plan } from "./types";

/** The plan as tables for people, line by line. */
export function renderPlan(plan: Plan): string[] {
  const coes = Object.values(plan.coes);
  const reflectors = Object.values(plan.reflectors);
  const sessions = Object.values(plan.sessions);
  return [
    `Container addresses ${plan.supernet}, node network ${plan.nodeNetwork}, AS ${plan.asn}`,
    "",
    ...table(
      [
        { title: "COE" },
        { title: "KIND" },
        { title: "CONTAINERS" },
        { title: "SERVICES" },
        { title: "BLOCKS", align: "right" },
        { title: "NODES", align: "right" },
        { title: "DEPLOYED" },
      ],
      coes.map((coe) => [
        coe.name,
        coe.kind,
        coe.podCidr,
        coe.serviceCidr ?? "-",
        `${coe.blocks} x /${coe.blockSize}`,
        String(Object.keys(coe.nodes).length),
        coe.deployed ? "yes" : "not yet",
      ]),
    ),
    "",
    ...table(
      [{ title: "REFLECTOR" }, { title: "KIND" }, { title: "ADDRESS" }, { title: "AS" }],
      reflectors.map((one) => [one.name, one.kind, one.address, String(one.asn)]),
    ),
    "",
    ...table(
      [
        { title: "NODE" },
        { title: "ROLE" },
        { title: "ADDRESS" },
        { title: "AS" },
        { title: "SESSIONS" },
        { title: "MAY ANNOUNCE" },
      ],
      coes.flatMap((coe) =>
        Object.values(coe.nodes).map((node) => [
          node.id,
          node.role,
          node.address,
          String(node.asn),
          sessions
            .filter((session) => session.node.id === node.id)
            .map((session) => `${session.kind} ${session.reflector.id}`)
            .join(", ") || "-",
          plan.fences[node.id]?.prefixes
            .map((one) => `${one.cidr} /${one.minLength} to /${one.maxLength}`)
            .join(", ") ?? "-",
        ]),
      ),
    ),
    "",
    `${sessions.length} BGP sessions`,
  ];
}
