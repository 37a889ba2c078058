/** The language host: how the engine starts Node.js programs and learns what they need. */
import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import type { ILanguageRuntimeServer } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { z } from "zod";
import type { Life } from "../../../providers/base/life";
import { CallError, shorten, unary, unimplemented } from "../../../providers/base/server";
import { messageOf } from "../../../util/errors";
import { programDependencies, requiredPlugins } from "./packages";
import { type Ended, resolveFrom, start } from "./program";

/** By this code @pulumi/pulumi says that the program failed and that it has told the user why. */
const alreadyTold = 32;

/** Of `runtime.options` in Pulumi.yaml. Others are for package managers that are not used here. */
const runtimeOptions = z.object({
  typescript: z.boolean().default(true),
  nodeargs: z.string().default(""),
});

function programFolder(info: pb.ProgramInfo | undefined): string {
  return info?.getProgramDirectory() || process.cwd();
}

function optionsOf(info: pb.ProgramInfo | undefined) {
  return runtimeOptions.parse(info?.getOptions()?.toJavaScript() ?? {});
}

/** The argument vector that runs the program by @pulumi/pulumi. */
export function runArguments(request: pb.RunRequest, engine: string): string[] {
  const info = request.getInfo();
  const folder = info === undefined ? request.getPwd() : programFolder(info);
  const nodeargs = optionsOf(info).nodeargs.split(/\s+/).filter(Boolean);
  const flags: readonly (readonly [string, string])[] = [
    ["--monitor", request.getMonitorAddress()],
    ["--engine", engine],
    ["--organization", request.getOrganization()],
    ["--project", request.getProject()],
    ["--root-directory", info?.getRootDirectory() ?? ""],
    ["--stack", request.getStack()],
    ["--pwd", request.getPwd()],
    ["--parallel", request.getParallel() === 0 ? "" : String(request.getParallel())],
  ];
  return [
    process.execPath,
    ...nodeargs,
    resolveFrom(folder, "@pulumi/pulumi/cmd/run"),
    ...flags.filter(([, value]) => value !== "").flat(),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    request.getProgram() || info?.getEntryPoint() || ".",
    ...request.getArgsList(),
  ];
}

/** What the program is told by its environment. */
export function runEnvironment(request: pb.RunRequest): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    PULUMI_NODEJS_TYPESCRIPT: String(optionsOf(request.getInfo()).typescript),
  };
}

/** The engine's answer for a program that has ended. */
export function runResponse(ended: Ended): pb.RunResponse {
  const response = new pb.RunResponse();
  if (ended.interrupted || ended.code === alreadyTold) response.setBail(true);
  else if (ended.signal !== null)
    response.setError(`the program was killed by ${ended.signal}; was the memory exhausted?`);
  else if (ended.code !== 0)
    response.setError(`Program exited with non-zero exit code: ${ended.code}`);
  return response;
}

function whenCancelled(call: Pick<ServerUnaryCall<unknown, unknown>, "on">): AbortSignal {
  const controller = new AbortController();
  call.on("cancelled", () => controller.abort());
  return controller.signal;
}

async function runProgram(
  life: Life,
  engine: string,
  call: ServerUnaryCall<pb.RunRequest, pb.RunResponse>,
): Promise<pb.RunResponse> {
  const { request } = call;
  const response = new pb.RunResponse();
  if (request.getAttachDebugger()) {
    response.setError("this language host cannot attach a debugger");
    return response;
  }
  try {
    // The program's output goes where this process's does: the engine shows it at the stack.
    const program = start(
      life,
      runArguments(request, engine),
      {
        cwd: request.getPwd(),
        env: runEnvironment(request),
        stdio: ["ignore", "inherit", "inherit"],
      },
      whenCancelled(call),
    );
    return runResponse(await program.ended);
  } catch (error) {
    response.setError(messageOf(error));
    return response;
  }
}

/** Runs a program for a streaming call and passes its output on as it comes. */
async function runStreaming<Request, Response>(
  life: Life,
  call: ServerWritableStream<Request, Response>,
  argv: readonly string[],
  where: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
  message: (stream: "stdout" | "stderr", bytes: Uint8Array) => Response,
): Promise<Ended> {
  const stdio = ["ignore", "pipe", "pipe"] as const;
  const program = start(life, argv, { ...where, stdio: [...stdio] }, whenCancelled(call));
  for (const stream of ["stdout", "stderr"] as const)
    program.child[stream]?.on("data", (bytes: Buffer) => call.write(message(stream, bytes)));
  return program.ended;
}

function installed(stream: "stdout" | "stderr", bytes: Uint8Array): pb.InstallDependenciesResponse {
  const response = new pb.InstallDependenciesResponse();
  if (stream === "stdout") response.setStdout(bytes);
  else response.setStderr(bytes);
  return response;
}

async function install(
  life: Life,
  call: ServerWritableStream<pb.InstallDependenciesRequest, pb.InstallDependenciesResponse>,
): Promise<void> {
  const { request } = call;
  const cwd = request.getDirectory() || programFolder(request.getInfo());
  const argv = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"];
  const ended = await runStreaming(life, call, argv, { cwd }, installed);
  if (ended.code !== 0) throw new Error(`npm install failed in ${cwd}, exit code ${ended.code}`);
}

function pluginSaid(stream: "stdout" | "stderr", bytes: Uint8Array): pb.RunPluginResponse {
  const response = new pb.RunPluginResponse();
  if (stream === "stdout") response.setStdout(bytes);
  else response.setStderr(bytes);
  return response;
}

async function runPlugin(
  life: Life,
  call: ServerWritableStream<pb.RunPluginRequest, pb.RunPluginResponse>,
): Promise<void> {
  const { request } = call;
  const info = request.getInfo();
  const folder = info === undefined ? request.getProgram() : programFolder(info);
  const nodeargs = optionsOf(info).nodeargs.split(/\s+/).filter(Boolean);
  const runner = resolveFrom(folder, "@pulumi/pulumi/cmd/run-plugin");
  const argv = [process.execPath, ...nodeargs, runner, folder, ...request.getArgsList()];
  const env = Object.fromEntries(
    request.getEnvList().map((entry) => {
      const equals = entry.indexOf("=");
      return [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
  const where = { cwd: request.getPwd(), env: { ...process.env, ...env } };
  const ended = await runStreaming(life, call, argv, where, pluginSaid);
  const last = new pb.RunPluginResponse();
  last.setExitcode(ended.code ?? 1);
  call.write(last);
}

/** Answers a streaming call: ends the stream when the work is done, or with its error. */
function streaming<Request, Response>(
  life: Life,
  work: (call: ServerWritableStream<Request, Response>) => Promise<void>,
): (call: ServerWritableStream<Request, Response>) => void {
  return (call) => {
    life
      .track(() => work(call))
      .then(
        () => call.end(),
        (error: unknown) => call.destroy(new CallError(shorten(messageOf(error)))),
      );
  };
}

/** Everything the engine may ask of a language host. */
export function languageHost(
  life: Life,
  engineAddress: string,
  version: string,
): ILanguageRuntimeServer {
  let engine = engineAddress;
  const refused = (what: string) => `this language host does not generate ${what}`;
  return {
    handshake: unary(life, (request: pb.LanguageHandshakeRequest) => {
      engine = request.getEngineAddress();
      return new pb.LanguageHandshakeResponse();
    }),
    getPluginInfo: unary(life, () => {
      const info = new PluginInfo();
      info.setVersion(version);
      return info;
    }),
    getRequiredPackages: unary(life, (request: pb.GetRequiredPackagesRequest) => {
      const response = new pb.GetRequiredPackagesResponse();
      for (const need of requiredPlugins(programFolder(request.getInfo()))) {
        const dependency = new PackageDependency();
        dependency.setKind("resource");
        dependency.setName(need.name);
        dependency.setVersion(need.version);
        if (need.server !== undefined) dependency.setServer(need.server);
        response.addPackages(dependency);
      }
      return response;
    }),
    getRequiredPlugins: unimplemented("use GetRequiredPackages"),
    run: unary(life, (_, call) => runProgram(life, engine, call)),
    installDependencies: streaming(life, (call) => install(life, call)),
    about: unary(life, () => {
      const response = new pb.AboutResponse();
      response.setExecutable(process.execPath);
      response.setVersion(process.version);
      return response;
    }),
    getProgramDependencies: unary(life, (request: pb.GetProgramDependenciesRequest) => {
      const response = new pb.GetProgramDependenciesResponse();
      const folder = programFolder(request.getInfo());
      for (const found of programDependencies(folder, request.getTransitivedependencies())) {
        const dependency = new pb.DependencyInfo();
        dependency.setName(found.name);
        dependency.setVersion(found.version);
        response.addDependencies(dependency);
      }
      return response;
    }),
    runPlugin: streaming(life, (call) => runPlugin(life, call)),
    cancel: unary(life, () => {
      life.cancel("interrupted");
      return new Empty();
    }),
    runtimeOptionsPrompts: unary(life, () => new pb.RuntimeOptionsResponse()),
    template: unary(life, () => new pb.TemplateResponse()),
    generateProgram: unimplemented(refused("programs")),
    generateProject: unimplemented(refused("projects")),
    generatePackage: unimplemented(refused("packages")),
    pack: unimplemented(refused("packed packages")),
    link: unimplemented(refused("links between packages")),
  };
}
