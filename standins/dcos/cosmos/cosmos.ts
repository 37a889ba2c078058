import { join } from "node:path";
import { messageOf } from "../../../util/errors";
import { Cluster } from "./cluster";
import { CosmosError } from "./errors";
import { checkContentType, chosenVersion, errorType, mediaType } from "./media";
import * as packages from "./packages-api";
import { Repositories } from "./repositories";
import { RequestFields } from "./request";
import { describeService, updateService } from "./services-api";
import { sweep, uninstall } from "./uninstall";

/** What is asked of Cosmos; its documented behaviour is that of 0.6.3. */
export interface CosmosRequest {
  readonly method: string;
  /** As Cosmos sees it: Admin Router has taken `/cosmos` away. */
  readonly path: string;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

export interface CosmosReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

interface Operation {
  /** First part of both media types. */
  readonly kind: string;
  /** Versions of the answer, the newest last. */
  readonly versions: readonly number[];
  readonly run: (
    parts: packages.CosmosParts,
    fields: RequestFields,
    version: number,
  ) => unknown | Promise<unknown>;
}

const listRepositories: Operation["run"] = ({ repositories }) => ({
  repositories: repositories.list(),
});

const operations: Readonly<Record<string, Operation>> = {
  "/package/describe": { kind: "package.describe", versions: [2, 3], run: packages.describe },
  "/package/list-versions": {
    kind: "package.list-versions",
    versions: [1],
    run: packages.listVersions,
  },
  "/package/search": { kind: "package.search", versions: [1], run: packages.search },
  "/package/render": { kind: "package.render", versions: [1], run: packages.render },
  "/package/install": { kind: "package.install", versions: [1, 2], run: packages.install },
  "/package/list": { kind: "package.list", versions: [1], run: packages.list },
  "/package/uninstall": { kind: "package.uninstall", versions: [1], run: uninstall },
  "/service/describe": { kind: "service.describe", versions: [1], run: describeService },
  "/service/update": { kind: "service.update", versions: [1], run: updateService },
  "/package/repository/list": {
    kind: "package.repository.list",
    versions: [1],
    run: listRepositories,
  },
  "/package/repository/add": {
    kind: "package.repository.add",
    versions: [1],
    run(parts, fields, version) {
      const repository = { name: fields.text("name"), uri: fields.text("uri") };
      parts.repositories.add(repository, fields.optionalNumber("index"));
      return listRepositories(parts, fields, version);
    },
  },
  "/package/repository/delete": {
    kind: "package.repository.delete",
    versions: [1],
    run(parts, fields, version) {
      const name = fields.optionalText("name");
      const uri = fields.optionalText("uri");
      parts.repositories.delete({
        ...(name === undefined ? {} : { name }),
        ...(uri === undefined ? {} : { uri }),
      });
      return listRepositories(parts, fields, version);
    },
  },
};

const capabilities = [
  "PACKAGE_MANAGEMENT",
  "SUPPORT_CLUSTER_REPORT",
  "METRONOME",
  "LOGGING",
] as const;

/** DC/OS' package manager: packages become apps of root Marathon. */
export class Cosmos {
  private readonly parts: packages.CosmosParts;

  constructor(where: {
    readonly marathonUrl: string;
    readonly mesosUrl: string;
    readonly stateDir: string;
  }) {
    this.parts = {
      cluster: new Cluster(where.marathonUrl, where.mesosUrl),
      repositories: new Repositories(join(where.stateDir, "repositories.json")),
    };
  }

  async answer(request: CosmosRequest): Promise<CosmosReply> {
    try {
      return await this.run(request);
    } catch (thrown) {
      const { type, message, data, status } =
        thrown instanceof CosmosError
          ? thrown
          : new CosmosError("InternalServerError", messageOf(thrown), undefined, 500);
      const body = { type, message, ...(data === undefined ? {} : { data }) };
      return { status, contentType: errorType, body };
    }
  }

  /** Goes on with what takes its time; called every now and then. */
  advance(): Promise<void> {
    return sweep(this.parts);
  }

  private async run({ method, path, accept, contentType, body }: CosmosRequest) {
    if (method === "GET" && path === "/capabilities") {
      const version = chosenVersion(accept, "capabilities", [1]);
      return {
        status: 200,
        contentType: mediaType("capabilities", version),
        body: { capabilities: capabilities.map((name) => ({ name })) },
      };
    }
    const operation = operations[path];
    if (operation === undefined || method !== "POST") {
      const status = operation === undefined ? 404 : 405;
      throw new CosmosError("NotFound", `No ${method} ${path} here`, undefined, status);
    }
    const { kind, versions, run } = operation;
    const version = chosenVersion(accept, `${kind}-response`, versions);
    checkContentType(contentType, mediaType(`${kind}-request`, 1));
    return {
      status: 200,
      contentType: mediaType(`${kind}-response`, version),
      body: await run(this.parts, RequestFields.parse(body), version),
    };
  }
}
