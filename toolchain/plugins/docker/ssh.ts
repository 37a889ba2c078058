/** A connection to the Docker daemon of another machine by ssh, as the docker command makes it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import type { DockerHost } from "../../../util/docker-host";

type SshHost = Extract<DockerHost, { via: "ssh" }>;

/** How much of what ssh says is kept for an error. */
const saidCharacters = 2_000;

/** The argument vector; the other machine's docker connects its standard input and output to its daemon. */
export function sshArgv(
  { user, host, port }: SshHost,
  options: readonly string[],
): readonly string[] {
  return [
    // Nobody is there to type a password. What comes first holds: the time can be set otherwise, this cannot.
    ...["ssh", "-T", "-o", "BatchMode=yes", ...options, "-o", "ConnectTimeout=30"],
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...["--", host, "docker", "system", "dial-stdio"],
  ];
}

/** The running ssh as a stream in both directions; it fails with what ssh says when that ends badly. */
export class SshStream extends Duplex {
  private readonly child: ChildProcessWithoutNullStreams;
  private said = "";
  private drained = false;
  private code: number | null | undefined;

  constructor(argv: readonly string[]) {
    super();
    const [program = "ssh", ...args] = argv;
    this.child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, SSH_ASKPASS_REQUIRE: "never" },
    });
    const { stdin, stdout, stderr } = this.child;
    stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause();
    });
    stdout.on("end", () => {
      this.drained = true;
      this.finish();
    });
    stderr.on("data", (chunk: Buffer) => {
      this.said = (this.said + chunk.toString("utf8")).slice(-saidCharacters);
    });
    this.child.on("error", (error) =>
      this.destroy(new Error(`cannot start ssh: ${error.message}`)),
    );
    // Not "close": a connection that ssh shares (ControlPersist) keeps standard error open after its end.
    this.child.on("exit", (code) => {
      this.code = code;
      this.finish();
    });
    // It ends without reading when it fails; its exit says why.
    stdin.on("error", () => undefined);
  }

  override _read(): void {
    this.child.stdout.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.child.stdin.write(chunk, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.child.kill();
    done(error);
  }

  private finish(): void {
    if (!this.drained || this.code === undefined || this.destroyed) return;
    if (this.code === 0) this.push(null);
    else this.destroy(new Error(`ssh: exit code ${this.code}: ${this.said.trim()}`));
  }
}
