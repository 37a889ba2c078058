import type { Plan, ReflectorPlan } from "../../plan/types";
import type { ImageSpec } from "../../util/docker";
import type { ExecResult } from "../../util/exec";
import type { Accepted, Asker, NeighbourRole, RouterAsk, RouterState } from "../ask/router";
import type { Passwords } from "./passwords";

export {
  type Accepted,
  type Asker,
  fenceLine,
  type NeighbourRole,
  type NeighbourState,
  nodeResets,
  type RouterState,
  resetText,
} from "../ask/router";

/**
 * What a kind of reflector has to say of itself. All else (the container, the steps, the checks) is the same for every
 * kind. A kind is one folder and one line in the table of kinds.
 */
export interface RouterKind extends RouterAsk {
  /** Name of its software, for messages. */
  readonly title: string;
  /** Its daemon's program, which is also how a running container is known. */
  readonly daemon: string;
  readonly container: RouterContainer;
  readonly image: RouterImage;
  /** The daemon's configuration, for one reflector of the plan. */
  render(plan: Plan, reflector: ReflectorPlan): string;
  /**
   * A rendered file with the passwords of sessions in place of their marks; the same text where it has none.
   * @throws SeamlessError that names what is missing
   */
  withPasswords(text: string, passwords: Passwords): string;
  /** What a file says. @throws Error when nobody can read it */
  describe(text: string): RouterFile;
  /** Has the daemon's own parser judge a file on its standard input, in a container of its own. */
  readonly check: {
    readonly argv: readonly string[];
    /** What the parser has against the file; undefined where it takes it. */
    complaint(result: ExecResult): string | undefined;
  };
  /**
   * How the running daemon is told of its new file: a signal or a program beside it, by which it reads that again; or
   * commands, where it does not read a file twice.
   */
  readonly reload:
    | { readonly signal: string }
    | {
        readonly args: readonly string[];
        /** What the daemon has against the file that it was told to read; undefined where it took it. */
        refusal(said: string): string | undefined;
      }
    | {
        /** Brings it to what its file says now. @throws Error with what it has against that */
        apply(daemon: Asker, text: string): Promise<void>;
      };
  /** Where the daemon of a container answers, by the arguments it was started with (`{{json .Args}}`). */
  apiOf(args: string): string | undefined;
  /** Asks it for its neighbours alone. @throws Error when it does not answer */
  neighbors(daemon: Asker): Promise<RouterState["neighbors"]>;
  /** A planned file, and with it whatever the daemon accepts now. */
  widen(next: string, running: Running): Widened;
  /**
   * The files to go through from one configuration to another, each with how the daemon takes it. There is always a last
   * step, even from a file to itself: an earlier run may have ended before the daemon was told.
   * @param running what the daemon has; undefined when it does not answer
   */
  steps(
    current: string | undefined,
    next: string,
    running: RouterState["neighbors"] | undefined,
  ): Iterable<ChangeStep>;
}

/** How the daemon runs in its container. */
export interface RouterContainer {
  /** Last part of the resource's name: state of the stack. */
  readonly resource: string;
  /** Folder and file of the configuration; on a volume, so that it outlives the container. */
  readonly configFolder: string;
  readonly configFile: string;
  /** Folder in memory for the socket by which the daemon is asked, which only its own user can look into. */
  readonly apiFolder: string;
  /** Where the daemon answers there, as {@link RouterAsk.client} takes it. */
  readonly api: string;
  readonly entrypoints: readonly string[];
  readonly command: readonly string[];
  /** Further arguments, where those depend on the reflector. Default: none. */
  readonly arguments?: (reflector: ReflectorPlan) => readonly string[];
  /** Environment of the container. Default: none. */
  readonly envs?: readonly string[];
}

/** The image of the daemon. */
export interface RouterImage {
  /** Tag of the one that is made on the Docker host. */
  readonly tag: string;
  /**
   * What that is made of.
   * @throws SeamlessError with what to do where it cannot be made
   */
  make(tag: string, say: (message: string) => void): Promise<ImageSpec>;
  /** What an image of somebody else has to run: each program, and how it is asked whether it is there. */
  readonly programs: readonly {
    readonly program: string;
    readonly argument: string;
    /** What it says where it ends badly whatever it is asked. Absent: it ends well. */
    readonly usage?: string;
  }[];
  /** What the last of the programs says of its version. */
  version(said: string): string;
  /** Older ones will not do. */
  readonly oldest: readonly [number, number, number];
}

/** One neighbour of a file. */
export interface NeighbourFile extends NeighbourRole {
  /** Everything about its session, comparable as text. */
  readonly text: string;
  /** The same without what the daemon takes over while the session is up. */
  readonly lasting: string;
}

/** What a file says, in the words of {@link RouterState}. */
export interface RouterFile {
  /** What a reload does not change: it needs a restart. */
  readonly identity: string;
  /** By address. */
  readonly neighbors: Readonly<Record<string, NeighbourFile>>;
  readonly accepted: readonly Accepted[];
  readonly fence: readonly string[];
}

/** What a file says as it is found; undefined where there is none, or one that nobody can read, as after an edit by hand. */
export function foundFile(
  { describe }: Pick<RouterKind, "describe">,
  text: string | undefined,
): RouterFile | undefined {
  if (text === undefined) return undefined;
  try {
    return describe(text);
  } catch {
    return undefined;
  }
}

/** What a daemon works with at the moment. */
export interface Running {
  /** The file it was last told to read. */
  readonly file: string;
  /** Addresses of its neighbours. */
  readonly neighbors: readonly string[];
  readonly accepted: readonly Accepted[];
}

export interface Widened {
  readonly text: string;
  /** What the file has beside the plan: neighbours that are to go, and what will no longer be accepted. */
  readonly kept: readonly string[];
}

export interface ChangeStep {
  readonly text: string;
  readonly by: "hangUp" | "restart";
  /** The neighbour whose session has to come back before the next one is touched. */
  readonly returns?: string;
}

/** A daemon of any kind that can be asked for its sessions. */
export interface Askable extends Asker {
  readonly kind: Pick<RouterKind, "neighbors" | "exchange">;
}

/** How one daemon is handled, wherever it runs. */
export interface RouterDaemon extends Askable {
  readonly kind: RouterKind;
  /** For messages. */
  readonly name: string;
  /** The file it was last told to read, or undefined when there is none. */
  read(): Promise<string | undefined>;
  /** Has the daemon's own parser judge a file. @throws Error with what it says */
  check(text: string): Promise<void>;
  write(text: string): Promise<void>;
  /** Tells it to read the file again. */
  hangUp(): Promise<void>;
  restart(): Promise<void>;
}

export function sameRole(one: NeighbourRole, other: NeighbourRole): boolean {
  return roleText(one) === roleText(other) && one.password === other.password;
}

/** Whether both ends have to change for a session to come back. */
export function sameGuards(one: NeighbourRole, other: NeighbourRole): boolean {
  return one.password === other.password && one.ttlSecurity === other.ttlSecurity;
}

export function roleText(role: NeighbourRole): string {
  const { asn, clusterId, replacePeerAs, password, ttlSecurity, passive, bfd, limit } = role;
  return [
    `AS ${asn}`,
    ...(clusterId === undefined ? [] : [`cluster-id ${clusterId}`]),
    ...(replacePeerAs === true ? ["its AS replaced"] : []),
    ...(password === undefined ? [] : ["a password"]),
    ...(ttlSecurity === undefined ? [] : ["TTL security"]),
    ...(passive === undefined ? [] : ["waiting for it to connect"]),
    ...(bfd === undefined ? [] : ["BFD"]),
    ...(limit === undefined ? [] : [`at most ${limit} prefixes`]),
  ].join(", ");
}
