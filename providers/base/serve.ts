/** Serves a {@link Provider} to the engine. */
import { status } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import {
  type IResourceProviderServer,
  ResourceProviderService,
} from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Calls } from "./calls";
import { EngineLog } from "./engine";
import { startLife } from "./life";
import type { Provider } from "./provider";
import { CallError, listen, unary, unimplemented } from "./server";

/** Everything the engine may ask of a provider plugin. */
function implementation<Client>(
  provider: Provider<Client>,
  engine: EngineLog,
  life: ReturnType<typeof startLife>,
): IResourceProviderServer {
  const calls = new Calls(provider, engine, life);
  const refuse = (what: string) =>
    `this ${provider.name} plugin does not offer ${what}; it covers the resource types ${provider.resources.map(({ token }) => token).join(", ")}`;
  return {
    handshake: unary(life, (request: pb.ProviderHandshakeRequest) => {
      engine.connect(request.getEngineAddress());
      const response = new pb.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    attach: unary(life, (request) => {
      engine.connect(request.getAddress());
      return new Empty();
    }),
    getPluginInfo: unary(life, () => {
      const info = new PluginInfo();
      info.setVersion(provider.version);
      return info;
    }),
    cancel: unary(life, () => {
      life.cancel("interrupted");
      return new Empty();
    }),
    checkConfig: unary(life, (request) => calls.checkConfig(request)),
    diffConfig: unary(life, (request) => calls.diffConfig(request)),
    configure: unary(life, (request) => calls.configure(request)),
    invoke: unary(life, (request, call) => calls.invoke(request, call)),
    check: unary(life, (request, call) => calls.check(request, call)),
    diff: unary(life, (request) => calls.diff(request)),
    create: unary(life, (request, call) => calls.create(request, call)),
    read: unary(life, (request, call) => calls.read(request, call)),
    update: unary(life, (request, call) => calls.update(request, call)),
    delete: unary(life, (request, call) => calls.delete(request, call)),
    getMapping: unary(life, () => new pb.GetMappingResponse()),
    getMappings: unary(life, () => new pb.GetMappingsResponse()),
    getSchema: unimplemented(refuse("a schema")),
    parameterize: unimplemented(refuse("parameters")),
    construct: unimplemented(refuse("components")),
    call: unimplemented(refuse("methods")),
    list: (call: { destroy(error: Error): void }) =>
      call.destroy(new CallError(refuse("lists"), status.UNIMPLEMENTED)),
  };
}

/** The main program of a provider plugin: runs until the engine ends it. */
export async function serve<Client>(provider: Provider<Client>): Promise<void> {
  const life = startLife();
  // The engine passes the address of its own server as the last argument.
  const engine = new EngineLog(process.argv.slice(2).at(-1));
  await listen(ResourceProviderService, implementation(provider, engine, life));
}
