import { output } from "@pulumi/pulumi";
import { hosts } from "../../../components/hosts/deploy";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { renderSpeakers } from "../../../components/linux/render";
import { messageOf } from "../../../util/errors";
import { named, registeredBy } from "../../helpers/mocks";

const parsed = (changes: object, password = "one-word", all: object = {}) =>
  parseConfig(
    {
      network: { nodes: "10.1.1.0/24", asn: 64512 },
      reflectors: { rr: { kind: "gobgp", address: "10.1.1.1" } },
      ...all,
      coes: {
        plain: {
          ...{ kind: "hosts", speaker: "frr", policy: "open", podCidr: "10.65.0.0/16" },
          ...{
            access: { ssh: {} },
            nodes: { one: { address: "10.1.1.21", podCidr: "10.65.1.0/24" } },
          },
          ...changes,
        },
      },
    },
    { secrets: { bgpPasswords: { plain: password } } },
  );
const problem = (changes: object, password?: string, all?: object) => {
  try {
    return parsed(changes, password, all) && "none";
  } catch (thrown) {
    return messageOf(thrown);
  }
};

test("FRR is no choice in the lab, on other kinds, or with a password of two words", () => {
  expect(problem({})).toBe("none");
  expect(problem({ access: "embedded" })).toContain(
    "coes.plain.speaker: found frr with access: embedded; the lab's hosts have BIRD alone: leave speaker out, or name hosts of yours in access.ssh",
  );
  const [address, podCidr] = ["10.1.1.21", "10.65.1.0/24"];
  const manager = { one: { address, podCidr, role: "manager" } };
  expect(problem({ kind: "swarm", nodes: manager })).toBe("none");
  expect(problem({ kind: "swarm", nodes: manager, access: "embedded" })).toContain(
    "coes.plain.speaker: found frr with access: embedded",
  );
  const nomad = { kind: "nomad", access: { url: "https://10.1.1.9:4646" } };
  const client = { one: { address, podCidr, role: "client" } };
  expect(problem({ ...nomad, nodes: client })).toBe("none");
  expect(problem({ ...nomad, nodes: client, access: "embedded" })).toContain(
    "coes.plain.speaker: found frr with access: embedded",
  );
  expect(problem({ kind: "kubernetes", access: { kubeconfig: "/no" } })).toContain(
    'coes.plain.speaker: found "frr"; allowed: calico, frr-k8s',
  );
  expect(problem({}, "two words")).toContain(
    'found a space; frr takes a password as one word: allowed: printable ASCII but for " and spaces',
  );
});

test("a reflector of FRR takes no routes of IPv6 from an FRR on its own link", () => {
  const podCidr = {
    range: ["10.65.0.0/16", "fd00:65::/48"],
    own: ["10.65.1.0/24", "fd00:65:0:1::/64"],
  };
  const nodes = { one: { address: "10.1.1.21", address6: "fd00:18::21", podCidr: podCidr.own } };
  const dual = { podCidr: podCidr.range, nodes };
  const around = (kind: string) => ({
    network: { nodes: ["10.1.1.0/24", "fd00:18::/64"], asn: 64512 },
    reflectors: { rr: { kind, address: "10.1.1.1", address6: "fd00:18::1" } },
  });
  expect(problem(dual, undefined, around("bird"))).toBe("none");
  expect(problem({ ...dual, speaker: "bird" }, undefined, around("frr"))).toBe("none");
  // On another link it tells no link-local next hop.
  const away = {
    ...around("frr"),
    network: { nodes: ["10.1.1.0/24", "fd00:18::/64", "fd00:99::/64"], asn: 64512 },
    reflectors: { rr: { kind: "frr", address: "10.1.1.1", address6: "fd00:99::1" } },
  };
  expect(problem(dual, undefined, away)).toBe("none");
  expect(problem(dual, undefined, around("frr"))).toContain(
    "coes.plain.speaker: found frr with a range of IPv6, beside the reflector rr of kind frr; that one knows no interface, and refuses the link-local next hop that an FRR on its own link tells with each route of IPv6: allowed: a reflector of kind gobgp or bird, or speaker: bird",
  );
  const cluster = { kind: "kubernetes", speaker: "frr-k8s", access: { kubeconfig: "/no" } };
  expect(problem({ ...dual, ...cluster }, undefined, around("gobgp"))).toBe("none");
  expect(problem({ ...dual, ...cluster }, undefined, around("frr"))).toContain(
    "coes.plain.speaker: found frr-k8s with a range of IPv6, beside the reflector rr of kind frr; ",
  );
});

test("a host's step gets FRR's files in place of BIRD's, and no password in them", async () => {
  const plan = makePlan(parsed({}));
  const coe = plan.coes.plain;
  if (coe === undefined) throw new Error("not in the plan");
  const access = hosts.external({ ssh: {} }, coe, {});
  const all = await registeredBy((options) =>
    hosts.make(
      "plain",
      { plan, coe: "plain", access, bgpPasswords: output({ plain: "one-word" }) },
      options,
    ),
  );
  const { stdin, environment } = named(all, "plain-one").inputs;
  const input: { bird?: string; frr?: { conf: string; daemons: string } } = JSON.parse(`${stdin}`);
  expect(Object.keys(input)).not.toContain("bird");
  expect(input.frr?.conf).toContain(" neighbor 10.1.1.1 password seamless:bgpPasswords.plain\n");
  expect(`${stdin}`).not.toContain("one-word");
  expect(JSON.stringify(environment)).toContain("one-word");
  expect(renderSpeakers(plan, coe)).toBe(
    `# plain/one: /etc/frr/daemons\n${input.frr?.daemons}\n# plain/one: /etc/frr/frr.conf\n${input.frr?.conf}`,
  );
});
