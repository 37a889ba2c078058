/** The language host for Node.js programs; started by the Pulumi engine as `pulumi-language-nodejs`. */
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { startLife } from "../../../providers/base/life";
import { listen } from "../../../providers/base/server";
import { pulumiVersion } from "../../catalogue";
import { languageHost } from "./host";

// Arguments: flags of the engine, then the address of its own server.
const engineAddress = process.argv.slice(2).findLast((argument) => !argument.startsWith("-")) ?? "";
void listen(LanguageRuntimeService, languageHost(startLife(), engineAddress, pulumiVersion));
