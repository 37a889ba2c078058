import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checksOf } from "../../../verify/checks";
import { parseKernel } from "../../../verify/kernel/parse";
import type { Observation, Verdict } from "../../../verify/types";
import { healthy, ok, plan, pod, task } from "./fixture";

/** What the program printed on two hosts of a lab in which all is well. */
const said = (name: string) =>
  readFileSync(join(__dirname, "..", "fixtures", "kernel", `${name}.txt`), "utf8");
export const worker = said("worker-1");
export const agent = said("agent-1");

export const workloads: Observation["workloads"] = {
  kubernetes: ok("pods", [{ ...pod, address: "192.168.41.192" }]),
  dcos: ok("apps", [{ ...task, address: "192.168.132.128" }]),
};

export function judge(
  kind: string,
  texts: { worker?: string; agent?: string } = {},
  of = plan,
): Verdict {
  const id = `kernel/kubernetes/worker-1/${kind}`;
  const check = checksOf(of).find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check.judge({
    ...healthy,
    workloads,
    kernels: {
      "kubernetes/worker-1": ok("worker-1: ip", parseKernel(texts.worker ?? worker)),
      "dcos/agent-1": ok("agent-1: ip", parseKernel(texts.agent ?? agent)),
    },
  });
}

/** The worker's answer with a line more in front of one that is there. */
export function above(line: string, added: string): string {
  if (!worker.includes(line)) throw new Error(`no line ${line}`);
  return worker.replace(line, `${added}\n${line}`);
}

export function changed(from: string, to: string): string {
  if (!worker.includes(from)) throw new Error(`no text ${from}`);
  return worker.replace(from, to);
}

export const forward = '-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD';
export const postrouting = "-A POSTROUTING -d 127.0.0.11/32 -j DOCKER_POSTROUTING";
export const prerouting =
  '-A PREROUTING -m comment --comment "cali:6gwbT8clXdHdC1b1" -j cali-PREROUTING';
export const learned = "192.168.132.128/26 via 172.16.18.43 dev eth0 proto bird";
