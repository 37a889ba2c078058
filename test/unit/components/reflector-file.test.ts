import { makePlan } from "../../../components/kinds/planning";
import { gobgpConfig } from "../../../components/reflector/gobgp/config";
import { parseGobgp, renderGobgp } from "../../../components/reflector/gobgp/toml";
import type { Plan } from "../../../plan";
import { lab, reflectorOf, smallLab } from "../../helpers/lab-reflector";

const plan = makePlan(lab);
const reflector = reflectorOf(plan);

test("where all are in one AS, paths are neither counted nor changed", () => {
  expect(renderGobgp(gobgpConfig(plan, reflector))).not.toContain("as-path");
});

test("waits for its nodes where it is told to, and connects where it is not", () => {
  const waiting = makePlan({
    ...lab,
    reflectors: { reflector: { kind: "gobgp", address: "172.16.18.32", passive: true } },
  });
  const how = (of: Plan) => {
    const { neighbors } = parseGobgp(renderGobgp(gobgpConfig(of, reflectorOf(of))));
    return [...new Set(Object.values(neighbors).map(({ passive }) => passive))];
  };
  expect([how(waiting), how(plan)]).toEqual([[true], [undefined]]);
});

test("where reflectors are in several ASs, nodes are told to pass on nothing", () => {
  const beside = (asn: number) =>
    makePlan({
      ...lab,
      reflectors: { ...lab.reflectors, beside: { kind: "gobgp", address: "172.16.18.31", asn } },
    });
  const several = beside(64512);
  const text = renderGobgp(gobgpConfig(several, reflectorOf(several)));
  expect(text).toContain('export-policy-list = [ "no-advertise" ]');
  expect(text).toContain(`[[policy-definitions]]
name = "no-advertise"

[[policy-definitions.statements]]
name = "no-advertise"

[policy-definitions.statements.actions.bgp-actions.set-community]
options = "add"

[policy-definitions.statements.actions.bgp-actions.set-community.set-community-method]
communities-list = [ "no-advertise" ]
`);
  expect(parseGobgp(text).fence).toEqual(
    parseGobgp(renderGobgp(gobgpConfig(plan, reflector))).fence,
  );
  const same = beside(64511);
  expect(renderGobgp(gobgpConfig(same, reflectorOf(same)))).not.toContain("no-advertise");
});

test("writes AS, neighbours and fence as gobgpd reads them", () => {
  expect(renderGobgp(gobgpConfig(smallLab(), reflectorOf(smallLab())))).toBe(`[global.config]
as = 64511
router-id = "172.16.18.32"
local-address-list = [ "172.16.18.32" ]

[global.apply-policy.config]
default-import-policy = "reject-route"
default-export-policy = "accept-route"
import-policy-list = [ "fence" ]
export-policy-list = [ "next-hop-unchanged" ]

[[defined-sets.neighbor-sets]]
neighbor-set-name = "kubernetes/worker-1"
neighbor-info-list = [ "172.16.18.34/32" ]

[[defined-sets.neighbor-sets]]
neighbor-set-name = "kubernetes/worker-2"
neighbor-info-list = [ "172.16.18.35/32" ]

[[defined-sets.neighbor-sets]]
neighbor-set-name = "next-hop-unchanged"
neighbor-info-list = [ "172.16.18.35/32" ]

[[defined-sets.prefix-sets]]
prefix-set-name = "kubernetes/worker-1"

[[defined-sets.prefix-sets.prefix-list]]
ip-prefix = "192.168.0.0/17"
masklength-range = "26..26"

[[defined-sets.prefix-sets.prefix-list]]
ip-prefix = "192.168.0.0/17"
masklength-range = "32..32"

[[defined-sets.prefix-sets]]
prefix-set-name = "kubernetes/worker-2"

[[defined-sets.prefix-sets.prefix-list]]
ip-prefix = "192.168.0.0/17"
masklength-range = "26..26"

[[defined-sets.prefix-sets.prefix-list]]
ip-prefix = "192.168.0.0/17"
masklength-range = "32..32"

[[policy-definitions]]
name = "fence"

[[policy-definitions.statements]]
name = "kubernetes/worker-1"

[policy-definitions.statements.conditions.match-neighbor-set]
neighbor-set = "kubernetes/worker-1"

[policy-definitions.statements.conditions.match-prefix-set]
prefix-set = "kubernetes/worker-1"

[policy-definitions.statements.conditions.bgp-conditions]
next-hop-in-list = [ "172.16.18.34" ]

[policy-definitions.statements.actions]
route-disposition = "accept-route"

[policy-definitions.statements.actions.bgp-actions]
set-route-origin = "igp"
set-local-pref = 100
set-med = "0"

[policy-definitions.statements.actions.bgp-actions.set-community]
options = "replace"

[policy-definitions.statements.actions.bgp-actions.set-ext-community]
options = "replace"

[policy-definitions.statements.actions.bgp-actions.set-large-community]
options = "replace"

[[policy-definitions.statements]]
name = "kubernetes/worker-2"

[policy-definitions.statements.conditions.match-neighbor-set]
neighbor-set = "kubernetes/worker-2"

[policy-definitions.statements.conditions.match-prefix-set]
prefix-set = "kubernetes/worker-2"

[policy-definitions.statements.conditions.bgp-conditions]
next-hop-in-list = [ "172.16.18.35" ]

[policy-definitions.statements.conditions.bgp-conditions.as-path-length]
operator = "le"
value = 1

[policy-definitions.statements.actions]
route-disposition = "accept-route"

[policy-definitions.statements.actions.bgp-actions]
set-route-origin = "igp"
set-local-pref = 100
set-med = "0"

[policy-definitions.statements.actions.bgp-actions.set-community]
options = "replace"

[policy-definitions.statements.actions.bgp-actions.set-ext-community]
options = "replace"

[policy-definitions.statements.actions.bgp-actions.set-large-community]
options = "replace"

[[policy-definitions]]
name = "next-hop-unchanged"

[[policy-definitions.statements]]
name = "next-hop-unchanged"

[policy-definitions.statements.conditions.match-neighbor-set]
neighbor-set = "next-hop-unchanged"

[policy-definitions.statements.actions.bgp-actions]
set-next-hop = "unchanged"

[[neighbors]]
[neighbors.config]
neighbor-address = "172.16.18.34"
peer-as = 64511
description = "kubernetes/worker-1"

[neighbors.timers.config]
hold-time = 90
keepalive-interval = 3

[neighbors.transport.config]
local-address = "172.16.18.32"

[neighbors.route-reflector.config]
route-reflector-client = true
route-reflector-cluster-id = "172.16.18.32"

[neighbors.graceful-restart.config]
enabled = true
restart-time = 120
deferral-time = 5

[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "ipv4-unicast"

[neighbors.afi-safis.mp-graceful-restart.config]
enabled = true

[neighbors.afi-safis.add-paths.config]
send-max = 8

[[neighbors]]
[neighbors.config]
neighbor-address = "172.16.18.35"
peer-as = 64600
description = "kubernetes/worker-2"

[neighbors.timers.config]
hold-time = 90
keepalive-interval = 3

[neighbors.transport.config]
local-address = "172.16.18.32"

[neighbors.as-path-options.config]
replace-peer-as = true

[neighbors.graceful-restart.config]
enabled = true
restart-time = 120
deferral-time = 5

[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "ipv4-unicast"

[neighbors.afi-safis.mp-graceful-restart.config]
enabled = true

[neighbors.afi-safis.add-paths.config]
send-max = 8
`);
});

test("without any node refuses every route, and names no policy that is not there", () => {
  const none = gobgpConfig(makePlan({ ...lab, coes: {} }), reflector);
  expect(none.global["apply-policy"].config).toEqual({
    "default-import-policy": "reject-route",
    "default-export-policy": "accept-route",
    "import-policy-list": [],
    "export-policy-list": [],
  });
  expect(none["policy-definitions"]).toEqual([]);
  expect(none["defined-sets"]).toEqual({ "neighbor-sets": [], "prefix-sets": [] });
});
