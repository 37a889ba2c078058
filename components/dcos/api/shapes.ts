import { z } from "zod";

/**
 * The requests and answers that the client relies on, as DC/OS documents them: Cosmos 0.6, Marathon 1.11, Mesos and
 * the DC/OS SDK. Requests are strict, since servers refuse fields that they do not know. Answers are open, since
 * servers add fields; what may be missing is optional, and everything else has to be there.
 */

const anything = z.record(z.string(), z.unknown());
const texts = z.record(z.string(), z.string());

/** A versioned media type of Cosmos, as it has to stand in Accept and Content-Type. */
export function mediaType(kind: string, version: number): string {
  return `application/vnd.dcos.${kind}+json;charset=utf-8;version=v${version}`;
}

/** One operation of Cosmos: a POST, whose both ends have a versioned type. */
export interface CosmosCall<Request extends z.ZodType, Answer extends z.ZodType> {
  readonly path: string;
  readonly contentType: string;
  readonly accept: string;
  readonly request: Request;
  readonly answer: Answer;
}

function cosmosCall<Request extends z.ZodType, Answer extends z.ZodType>(
  path: string,
  kind: string,
  answerVersion: number,
  request: Request,
  answer: Answer,
): CosmosCall<Request, Answer> {
  return {
    path,
    contentType: mediaType(`${kind}-request`, 1),
    accept: mediaType(`${kind}-response`, answerVersion),
    request,
    answer,
  };
}

/** What a release of a package consists of, as far as it is looked at. */
export const packageDefinition = z.looseObject({
  packagingVersion: z.string(),
  name: z.string(),
  version: z.string(),
  /** Orders the releases of a package; versions do not. */
  releaseVersion: z.union([z.number(), z.string()]).optional(),
  framework: z.boolean().optional(),
  /** JSON schema of the options. */
  config: anything.optional(),
  marathon: z.looseObject({ v2AppMustacheTemplate: z.string() }).optional(),
  resource: anything.optional(),
});
export type PackageDefinition = z.infer<typeof packageDefinition>;

const installRequest = z.strictObject({
  packageName: z.string(),
  packageVersion: z.string().optional(),
  options: anything.optional(),
  appId: z.string().optional(),
});

const repository = z.looseObject({ name: z.string(), uri: z.string() });
const repositories = z.looseObject({ repositories: z.array(repository) });

export const cosmosCalls = {
  describe: cosmosCall(
    "/package/describe",
    "package.describe",
    3,
    z.strictObject({ packageName: z.string(), packageVersion: z.string().optional() }),
    z.looseObject({ package: packageDefinition }),
  ),
  listVersions: cosmosCall(
    "/package/list-versions",
    "package.list-versions",
    1,
    z.strictObject({ packageName: z.string(), includePackageVersions: z.boolean() }),
    z.looseObject({ results: z.record(z.string(), z.union([z.string(), z.number()])) }),
  ),
  search: cosmosCall(
    "/package/search",
    "package.search",
    1,
    z.strictObject({ query: z.string().optional() }),
    z.looseObject({ packages: z.array(z.looseObject({ name: z.string() })) }),
  ),
  render: cosmosCall(
    "/package/render",
    "package.render",
    1,
    installRequest,
    z.looseObject({ marathonJson: z.looseObject({ id: z.string() }) }),
  ),
  install: cosmosCall(
    "/package/install",
    "package.install",
    2,
    installRequest,
    z.looseObject({
      packageName: z.string(),
      packageVersion: z.string(),
      appId: z.string().optional(),
      postInstallNotes: z.string().optional(),
    }),
  ),
  list: cosmosCall(
    "/package/list",
    "package.list",
    1,
    z.strictObject({ packageName: z.string().optional(), appId: z.string().optional() }),
    z.looseObject({
      packages: z.array(
        z.looseObject({
          appId: z.string(),
          packageInformation: z.looseObject({ packageDefinition }),
        }),
      ),
    }),
  ),
  uninstall: cosmosCall(
    "/package/uninstall",
    "package.uninstall",
    1,
    z.strictObject({
      packageName: z.string(),
      appId: z.string().optional(),
      all: z.boolean().optional(),
    }),
    z.looseObject({
      results: z.array(
        z.looseObject({
          packageName: z.string(),
          appId: z.string(),
          packageVersion: z.string().optional(),
          postUninstallNotes: z.string().optional(),
        }),
      ),
    }),
  ),
  repositoryAdd: cosmosCall(
    "/package/repository/add",
    "package.repository.add",
    1,
    z.strictObject({ name: z.string(), uri: z.string(), index: z.number().int().optional() }),
    repositories,
  ),
  repositoryDelete: cosmosCall(
    "/package/repository/delete",
    "package.repository.delete",
    1,
    z.strictObject({ name: z.string().optional(), uri: z.string().optional() }),
    repositories,
  ),
  repositoryList: cosmosCall(
    "/package/repository/list",
    "package.repository.list",
    1,
    z.strictObject({}),
    repositories,
  ),
  serviceDescribe: cosmosCall(
    "/cosmos/service/describe",
    "service.describe",
    1,
    z.strictObject({ appId: z.string() }),
    z.looseObject({
      package: packageDefinition,
      upgradesTo: z.array(z.string()),
      downgradesTo: z.array(z.string()),
      resolvedOptions: anything.optional(),
      userProvidedOptions: anything.optional(),
    }),
  ),
  serviceUpdate: cosmosCall(
    "/cosmos/service/update",
    "service.update",
    1,
    z.strictObject({
      appId: z.string(),
      packageVersion: z.string().optional(),
      options: anything.optional(),
      /** Whether the options take the place of the stored ones instead of being merged into them. */
      replace: z.boolean(),
    }),
    z.looseObject({
      package: packageDefinition,
      resolvedOptions: anything,
      marathonDeploymentId: z.string(),
    }),
  ),
} as const;

/** The body of Cosmos's errors, of type `package.error` v1. */
export const cosmosErrorType = mediaType("package.error", 1);
export const cosmosError = z.looseObject({
  type: z.string(),
  message: z.string(),
  data: anything.nullish(),
});

/** POST /acs/api/v1/auth/login, the one request that needs no token. */
export const loginPath = "/acs/api/v1/auth/login";
export const loginRequest = z.union([
  z.strictObject({ uid: z.string(), password: z.string() }),
  /** A JWT of the service account: RS256 over `{uid, exp}`. */
  z.strictObject({ uid: z.string(), token: z.string() }),
]);
export const loginReply = z.looseObject({ token: z.string().min(1) });

const marathonTask = z.looseObject({
  id: z.string(),
  state: z.string().default(""),
  host: z.string().default(""),
  ipAddresses: z.array(z.object({ ipAddress: z.string() })).default([]),
});

/** An app of Marathon with what `embed` adds to it. */
export const marathonApp = z.looseObject({
  id: z.string(),
  instances: z.number(),
  version: z.string().default(""),
  labels: texts.default({}),
  healthChecks: z.array(z.unknown()).default([]),
  deployments: z.array(z.object({ id: z.string() })).default([]),
  tasksRunning: z.number().default(0),
  tasksHealthy: z.number().default(0),
  tasksUnhealthy: z.number().default(0),
  tasks: z.array(marathonTask).default([]),
  lastTaskFailure: z
    .looseObject({
      message: z.string().default(""),
      host: z.string().default(""),
      state: z.string(),
    })
    .optional(),
});
export type MarathonAppState = z.infer<typeof marathonApp>;

/** GET /v2/apps/{id} */
export const appReply = z.looseObject({ app: marathonApp });
/** GET /v2/apps */
export const appsReply = z.looseObject({ apps: z.array(marathonApp) });
/** PUT and DELETE /v2/apps/{id} */
export const deployReply = z.looseObject({ deploymentId: z.string(), version: z.string() });
/** GET /v2/deployments */
export const deploymentsReply = z.array(
  z.looseObject({ id: z.string(), affectedApps: z.array(z.string()).default([]) }),
);
export type MarathonDeployment = z.infer<typeof deploymentsReply>[number];

/** GET /v2/queue */
export const queueReply = z.looseObject({
  queue: z
    .array(
      z.looseObject({
        app: z.looseObject({ id: z.string() }).optional(),
        count: z.number().default(0),
        delay: z.looseObject({ timeLeftSeconds: z.number().default(0) }).optional(),
        processedOffersSummary: z
          .looseObject({
            rejectSummaryLastOffers: z
              .array(
                z.looseObject({
                  reason: z.string(),
                  declined: z.number(),
                  processed: z.number(),
                }),
              )
              .default([]),
          })
          .optional(),
      }),
    )
    .default([]),
});
export type QueueItem = z.infer<typeof queueReply>["queue"][number];

/** 409 of an app that is being deployed; the one of an app that exists has a `message` only. */
export const lockReply = z.looseObject({
  message: z.string(),
  deployments: z.array(z.looseObject({ id: z.string() })).min(1),
});
/** 409 of an app that exists, and the plain errors. */
export const messageReply = z.looseObject({ message: z.string() });

/** GET /mesos/state, as far as it is looked at. */
export const mesosState = z.looseObject({
  frameworks: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      active: z.boolean(),
      tasks: z.array(z.looseObject({ id: z.string(), name: z.string(), state: z.string() })),
    }),
  ),
});
export type MesosFramework = z.infer<typeof mesosState>["frameworks"][number];

const containerStatus = z.looseObject({
  network_infos: z
    .array(
      z.looseObject({
        // Of the container network; the agent's own network has none.
        name: z.string().optional(),
        ip_addresses: z.array(z.looseObject({ ip_address: z.string().default("") })).default([]),
      }),
    )
    .default([]),
});

/** GET /mesos/state, as far as agents and the addresses of containers go. */
export const mesosContainers = z.looseObject({
  leader: z.string().default(""),
  slaves: z
    .array(
      z.looseObject({
        id: z.string(),
        hostname: z.string(),
        /** `slave(1)@10.0.0.1:5051` */
        pid: z.string().default(""),
      }),
    )
    .default([]),
  frameworks: z
    .array(
      z.looseObject({
        tasks: z
          .array(
            z.looseObject({
              id: z.string(),
              slave_id: z.string(),
              state: z.string(),
              statuses: z
                .array(
                  z.looseObject({
                    state: z.string(),
                    timestamp: z.number().default(0),
                    container_status: containerStatus.optional(),
                  }),
                )
                .default([]),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});
export type MesosContainers = z.output<typeof mesosContainers>;

/** GET /service/{name}/v1/plans/deploy of a scheduler that is made with the DC/OS SDK. */
export const deployPlan = z.looseObject({
  status: z.string(),
  errors: z.array(z.string()).default([]),
  phases: z
    .array(
      z.looseObject({
        name: z.string(),
        status: z.string(),
        steps: z.array(z.looseObject({ name: z.string(), status: z.string() })).default([]),
      }),
    )
    .default([]),
});
export type DeployPlan = z.infer<typeof deployPlan>;
