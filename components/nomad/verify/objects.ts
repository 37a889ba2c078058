import { isDeepStrictEqual } from "node:util";
import type { CoePlan, NodePlan } from "../../../plan/types";
import type { ObjectFault } from "../../ask/types";
import { type ClientFiles, type CniFile, rangesIn } from "../client-files";
import { networkFile, networkPath } from "../cni";
import { nomadPart } from "../model/plan";

const again = "run: pulumi up --refresh, or seamless render network, and reload the agent";

/** In what the CNI files of one client differ from the plan. */
export function networkFaults(coe: CoePlan, node: NodePlan, { files }: ClientFiles): ObjectFault[] {
  const path = networkPath(coe);
  const { network } = nomadPart(coe);
  const object = `${node.id}: ${path}`;
  const expected = networkFile(coe, node);
  const found = files.find((file) => file.path === path);
  const faults: ObjectFault[] = unreadable(node, files, path);
  if (found === undefined)
    return [
      ...faults,
      {
        ...{ group: "pools", object, found: "no such file", expected: `the network ${network}` },
        effect: `no job with mode cni/${network} runs on this client`,
        remedy: again,
      },
    ];
  const first = files.find((file) => file.network === network);
  if (first !== undefined && first.path !== path)
    faults.push({
      ...{ group: "pools", object, found: `${first.path} has the name ${network}, too` },
      expected: "one file of that name",
      effect: "the client takes the first file, so allocations are on another network",
      remedy: `remove ${first.path}, or give its network another name`,
    });
  if (found.problem === undefined && !same(found.text, expected)) {
    const [is, was] = [rangesIn(found.text).join(", "), rangesIn(expected).join(", ")];
    faults.push({
      ...{ group: "pools", object },
      found: is === was ? "another text than the plan's" : `ranges ${is || "none"}`,
      expected: is === was ? "as the plan has it" : `ranges ${was}`,
      effect: "allocations get addresses that no route leads to, or lose their own on the way",
      remedy: again,
    });
  }
  return faults;
}

/** A file that no client can read stops every look-up that comes to it, and a client that starts. */
function unreadable(node: NodePlan, files: readonly CniFile[], own: string): ObjectFault[] {
  return files.flatMap(({ path, problem }): ObjectFault[] =>
    problem === undefined
      ? []
      : [
          {
            group: "pools",
            object: `${node.id}: ${path}`,
            found: `a file that cannot be read: ${problem}`,
            expected: path === own ? "the file of the plan" : "a CNI file, or none",
            effect:
              "allocations of networks whose files come behind it fail, and the agent does not start again",
            remedy: path === own ? again : `mend or remove ${path}`,
          },
        ],
  );
}

function same(a: string, b: string): boolean {
  return isDeepStrictEqual(JSON.parse(a), JSON.parse(b));
}

/** What a stack that is gone has left on a client. */
export function leftOn(coe: CoePlan, node: NodePlan, { files }: ClientFiles): ObjectFault[] {
  const path = networkPath(coe);
  const nothing = { group: "pools", expected: "nothing of the plan" } as const;
  const effect = "jobs could still run on a network that no route leads to";
  return [
    ...(files.some((file) => file.path === path)
      ? [{ ...nothing, object: `${node.id}: ${path}`, found: "the file of the network", effect }]
      : []),
  ];
}
