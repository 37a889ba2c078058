import type {
  Accepted,
  NeighbourState,
  RouterNeighbour,
  RouterPath,
  SpeakerState,
} from "../components/ask/router";
import type {
  Answer,
  CoeContainer,
  CoeNode,
  IpamBlock,
  LeftBehind,
  NamedService,
  ObjectFault,
  ServiceAddress,
  Workload,
} from "../components/ask/types";
import type { NodeKernel } from "./kernel/types";
import type { NameAnswers } from "./seen/answers";
import type { Dropped } from "./signatures";
import type { Trips } from "./trips/types";

/**
 * The sides that have to agree: the COE's own word (coe), both ends of sessions (session, speaker), what reflectors accept
 * (acceptance) and hold (rib), FIB (the nodes' kernels), all else that packets meet in those (kernel), traffic between
 * containers (http; path, for each node), to services in front of them (service), by name (name), and from outside of them
 * (policy); beside them the objects that nodes are configured by (object), and the cluster's add-ons and packages. After a destroy: what is left of all that (gone).
 */
export type CheckGroup =
  | "coe"
  | "session"
  | "speaker"
  | "acceptance"
  | "object"
  | "rib"
  | "fib"
  | "kernel"
  | "http"
  | "path"
  | "service"
  | "name"
  | "policy"
  | "addon"
  | "gone"
  | "package";

/** One thing that must hold, as plain data made from the plan alone. */
export interface Check {
  /** Stable name, for `--only`: `session/<reflector>/<coe>/<node>`. */
  readonly id: string;
  readonly group: CheckGroup;
  /** What must hold, in words. */
  readonly title: string;
}

/** One part of an observation: `rib/<reflector>`, `routes/<coe>/<node>`, `fetches/<coe>-to-<coe>`. */
export type Need = `${keyof Observation}/${string}`;

/**
 * What came of a check. `unknown`: the question could not be put, so nothing was learned of the network; it is asked
 * again within the deadline and never counts as a failure.
 */
export type CheckStatus = "pass" | "fail" | "skip" | "unknown";

/** What came of one check. Whatever does not pass says what was expected, the likely cause, and what to do. */
export interface CheckResult extends Check {
  readonly status: CheckStatus;
  /** Host and command that were asked, e.g. `reflector: gobgp -j neighbor`. */
  readonly asked: string;
  /** What came back, in one line. */
  readonly found: string;
  /** What should have come back, in one line. */
  readonly expected?: string;
  /** Where the expectation comes from: `plan`, `model`, or the word of a COE, e.g. `<coe>: IPAM`. */
  readonly source?: string;
  /** The likely cause. */
  readonly cause?: string;
  /** The command to run or the field to set. */
  readonly remedy?: string;
  /** The node, router, session or COE it is about. */
  readonly at?: string;
}

/** One thing that is wrong; `same` tells it from others where its text has figures that change. */
export type Fault = string | { readonly same: string; readonly found: string };

/** What a check says of an observation. */
export type Verdict = Omit<CheckResult, keyof Check> & {
  /** What is missing comes by itself within a minute or two when all is well, so that it is waited for longer. */
  readonly late?: true;
  /** What `found` is made of. Each of these has to last before it counts. Absent: it is one thing. */
  readonly faults?: readonly Fault[];
};

/** A check together with what decides it. */
export interface Judged extends Check {
  /**
   * What has to be asked for it, and nothing else. What a need is asked with is named too: a fetch needs the workloads
   * at its ends.
   */
  readonly needs: readonly Need[];
  readonly judge: (seen: Observation) => Verdict;
}

/** A route of a node's kernel (FIB). */
export interface KernelRoute {
  /** Canonical prefix, `/32` and `/128` written out; `0.0.0.0/0` or `::/0` for the default route. */
  readonly prefix: string;
  /** unicast, blackhole, unreachable, ... */
  readonly type: string;
  readonly gateways: readonly string[];
  readonly device?: string;
  /** Who installed it: bird, kernel, boot, ... */
  readonly protocol?: string;
}

/** Everything that was seen, collected once per round. */
export interface Observation {
  /** By reflector name. */
  readonly neighbours: Readonly<Record<string, Answer<readonly RouterNeighbour[]>>>;
  readonly rib: Readonly<Record<string, Answer<readonly RouterPath[]>>>;
  /** By node id. */
  readonly routes: Readonly<Record<string, Answer<readonly KernelRoute[]>>>;
  /** By node id: all that its kernel does with packets; missing where nobody needs it. */
  readonly kernels?: Readonly<Record<string, Answer<NodeKernel>>>;
  /** By COE name. */
  readonly workloads: Readonly<Record<string, Answer<readonly Workload[]>>>;
  /** By `<coe>-to-<coe>`. */
  readonly fetches: Readonly<Record<string, Fetch>>;
  /** By `<node>-><coe>`, and `/all` behind that for trips to each of its nodes; missing where nobody needs them. */
  readonly trips?: Readonly<Record<string, Trips>>;
  /** By COE name: the addresses of the service in front of the probe. */
  readonly services: Readonly<Record<string, Answer<readonly ServiceAddress[]>>>;
  /** By `<coe>-to-<coe>/<range>`. */
  readonly serviceFetches: Readonly<Record<string, ServiceFetch>>;
  /** By `<coe>-to-<coe>`: a GET by a name that the other COE's name servers answer for. */
  readonly nameFetches: Readonly<Record<string, NameFetch>>;
  /** By `<coe>/<add-on or package>`: what it answered, in one line. */
  readonly addons: Readonly<Record<string, Answer<string>>>;
  /** By COE name: a GET from a node of another COE, which is no container. */
  readonly intrusions: Readonly<Record<string, Intrusion>>;
  /** By COE name, its own word: its containers, the blocks of its IPAM, its nodes, and what is wrong with its objects. */
  readonly containers: Readonly<Record<string, Answer<readonly CoeContainer[]>>>;
  readonly named?: Readonly<Record<string, Answer<readonly NamedService[]>>>;
  readonly blocks: Readonly<Record<string, Answer<readonly IpamBlock[]>>>;
  readonly members: Readonly<Record<string, Answer<readonly CoeNode[]>>>;
  readonly objects: Readonly<Record<string, Answer<readonly ObjectFault[]>>>;
  /** By node id: what its own BGP speaker says. */
  readonly speakers: Readonly<Record<string, Answer<SpeakerState>>>;
  /** By node id: packets that its kernel drops for their signature; missing where its sessions have no password. */
  readonly signatures?: Readonly<Record<string, Answer<Dropped>>>;
  /** By reflector name: whom it takes what from. */
  readonly accepts: Readonly<Record<string, Answer<AcceptanceState>>>;
  /** By COE name: what a stack that is gone has left of its objects. */
  readonly left?: Readonly<Record<string, Answer<LeftBehind>>>;
  /** By reflector name: the containers and volumes of its name on its Docker host. */
  readonly daemons?: Readonly<Record<string, Answer<readonly string[]>>>;
  /** By `<coe>/<DNS name>`: what name servers have for it, asked from a node of the COE; missing where none was asked. */
  readonly answers?: Readonly<Record<string, Answer<NameAnswers>>>;
  /** By `<coe>-to-<coe>`: what a container of the first got of the datastore in the second; missing where none asked. */
  readonly datastores?: Readonly<Record<string, Answer<string>>>;
}

/** What a reflector works with; whether a neighbour has a password is told, and nothing about it. */
export interface AcceptanceState {
  /** By address. */
  readonly neighbours: Readonly<Record<string, Omit<NeighbourState, "password">>>;
  readonly accepted: readonly Accepted[];
  /** What it accepts beside that, in words: a default that accepts, a statement without conditions. */
  readonly beside: readonly string[];
}

/** Several HTTP GETs, each on a connection of its own, from a workload of one COE to a service of another. */
export interface ServiceFetch {
  readonly from: Workload;
  readonly to: ServiceAddress;
  readonly answers: readonly Answer<ProbeReply>[];
}

/** An HTTP GET from a workload of one COE to a name of another. */
export interface NameFetch {
  readonly from: Workload;
  readonly to: { readonly coe: string; readonly host: string; readonly port: number };
  readonly answer: Answer<ProbeReply>;
}

/** An HTTP GET from a host to a workload of a COE it is no part of. */
export interface Intrusion {
  /** Node id. */
  readonly from: string;
  readonly to: Workload;
  readonly answer: Answer<ProbeReply>;
}

/** An HTTP GET from a workload of one COE to one of another. */
export interface Fetch {
  readonly from: Workload;
  readonly to: Workload;
  readonly answer: Answer<ProbeReply>;
}

export interface ProbeReply {
  readonly server: string;
  /** The client's address as the server saw it. */
  readonly client: string;
}
