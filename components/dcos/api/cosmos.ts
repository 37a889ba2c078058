import type { z } from "zod";
import { SeamlessError } from "../../../util/errors";
import { CosmosError, cosmosError, PackageNotFound, VersionNotFound } from "./cosmos-errors";
import { type Answer, type DcosSession, excerpt, isAway, jsonOf } from "./session";
import {
  type CosmosCall,
  cosmosCalls,
  cosmosError as cosmosErrorShape,
  type PackageDefinition,
} from "./shapes";

/** What to install, or to render. */
export type InstallRequest = z.input<typeof cosmosCalls.install.request>;
export type Installed = z.output<typeof cosmosCalls.install.answer>;
export type UpdateRequest = z.input<typeof cosmosCalls.serviceUpdate.request>;
export type Updated = z.output<typeof cosmosCalls.serviceUpdate.answer>;
export type ServiceDescription = z.output<typeof cosmosCalls.serviceDescribe.answer>;
export type MarathonJson = z.output<typeof cosmosCalls.render.answer>["marathonJson"];
export type Repository = z.output<typeof cosmosCalls.repositoryList.answer>["repositories"][number];
export type ListedPackage = z.output<typeof cosmosCalls.list.answer>["packages"][number];

const advice = "the URL has to be the cluster's own, for instance https://dcos.example.com";
/** More names than this would hide the message. */
const namesShown = 20;

/** The package manager of DC/OS (Cosmos 0.6), behind Admin Router. */
export class CosmosClient {
  constructor(private readonly session: DcosSession) {}

  /**
   * A release of a package. @param version Default: the newest.
   * @throws PackageNotFound with the packages there are, VersionNotFound with the versions there are.
   */
  async describe(packageName: string, version?: string): Promise<PackageDefinition> {
    const packageVersion = version === undefined ? {} : { packageVersion: version };
    try {
      return (await this.call(cosmosCalls.describe, { packageName, ...packageVersion })).package;
    } catch (thrown) {
      if (thrown instanceof PackageNotFound) throw await this.withPackages(thrown, packageName);
      if (thrown instanceof VersionNotFound) throw await this.withVersions(thrown, packageName);
      throw thrown;
    }
  }

  /** The versions of a package, the newest first. */
  async versions(packageName: string): Promise<readonly string[]> {
    const request = { packageName, includePackageVersions: true };
    const { results } = await this.call(cosmosCalls.listVersions, request);
    return Object.entries(results)
      .sort(([, a], [, b]) => Number(b) - Number(a))
      .map(([version]) => version);
  }

  /** Names of packages. @param query Part of a name; `*` stands for anything. Default: all. */
  async search(query?: string): Promise<readonly string[]> {
    const request = query === undefined ? {} : { query };
    const { packages } = await this.call(cosmosCalls.search, request);
    return packages.map(({ name }) => name).sort();
  }

  /** The app that installing would bring to Marathon; nothing is changed. */
  async render(request: InstallRequest): Promise<MarathonJson> {
    return (await this.call(cosmosCalls.render, request)).marathonJson;
  }

  /** Brings the package's app to the root Marathon; it is not up yet then. */
  install(request: InstallRequest): Promise<Installed> {
    return this.call(cosmosCalls.install, request);
  }

  /** What is installed, of apps of the root Marathon. */
  async list(
    filter: z.input<typeof cosmosCalls.list.request> = {},
  ): Promise<readonly ListedPackage[]> {
    return (await this.call(cosmosCalls.list, filter)).packages;
  }

  /** @returns whether there was something to uninstall. Schedulers of the DC/OS SDK go some time later. */
  async uninstall(packageName: string, appId: string): Promise<boolean> {
    const { results } = await this.call(cosmosCalls.uninstall, { packageName, appId });
    return results.length > 0;
  }

  /** What a service runs with, and to which versions it can go. */
  describeService(appId: string): Promise<ServiceDescription> {
    return this.call(cosmosCalls.serviceDescribe, { appId });
  }

  /** Changes options or version of a service in place. It interrupts other deployments of its app. */
  updateService(request: UpdateRequest): Promise<Updated> {
    return this.call(cosmosCalls.serviceUpdate, request);
  }

  /** Where the packages come from, in the order in which they are looked at. */
  async repositories(): Promise<readonly Repository[]> {
    return (await this.call(cosmosCalls.repositoryList, {})).repositories;
  }

  /** @param index Its place in the order, from 0. Default: the last. */
  async addRepository(name: string, uri: string, index?: number): Promise<readonly Repository[]> {
    const request = { name, uri, ...(index === undefined ? {} : { index }) };
    return (await this.call(cosmosCalls.repositoryAdd, request)).repositories;
  }

  async deleteRepository(name: string): Promise<readonly Repository[]> {
    return (await this.call(cosmosCalls.repositoryDelete, { name })).repositories;
  }

  private async call<Request extends z.ZodType, Reply extends z.ZodType>(
    { path, contentType, accept, answer: shape }: CosmosCall<Request, Reply>,
    body: z.input<Request>,
  ): Promise<z.output<Reply>> {
    const answer = await this.session.send({
      method: "POST",
      path,
      body,
      contentType,
      accept,
      away: (one) => isAway(one) && typeOf(one) !== "IncompleteUninstall",
    });
    if (answer.status >= 300) throw refusalOf(answer);
    return this.session.read(answer, shape, "Cosmos's", advice);
  }

  private async withPackages(error: PackageNotFound, name: string): Promise<CosmosError> {
    const names = await this.search().catch(orNothing);
    const alike = names.filter((one) => one.includes(name) || name.includes(one));
    const repositories = await this.repositories().catch(orNothing);
    const from = repositories.map((one) => `${one.name} (${one.uri})`).join(", ");
    const there = `there are: ${shown(alike.length > 0 ? alike : names)}; repositories: ${from || "none"}`;
    return new PackageNotFound(`${error.message}; ${there}`, error.refusal);
  }

  private async withVersions(error: VersionNotFound, name: string): Promise<CosmosError> {
    const versions = await this.versions(name).catch(orNothing);
    return new VersionNotFound(`${error.message}; there are: ${shown(versions)}`, error.refusal);
  }
}

/** What only helps with an error must not hide it. */
function orNothing(thrown: unknown): readonly never[] {
  if (thrown instanceof SeamlessError) return [];
  throw thrown;
}

function shown(names: readonly string[]): string {
  const rest = names.length - namesShown;
  const more = rest > 0 ? ` and ${rest} more` : "";
  return `${names.slice(0, namesShown).join(", ") || "none"}${more}`;
}

function typeOf({ text }: Answer): string {
  return cosmosErrorShape.safeParse(jsonOf(text)).data?.type ?? "";
}

function refusalOf({ what, status, text }: Answer): CosmosError {
  const parsed = cosmosErrorShape.safeParse(jsonOf(text));
  if (!parsed.success) {
    const refusal = { type: "", status, data: {} };
    return new CosmosError(`${what}: HTTP ${status}: ${excerpt(text)}`, refusal);
  }
  const { type, message, data } = parsed.data;
  return cosmosError(`${what}: HTTP ${status}`, message, { type, status, data: data ?? {} });
}
