import { isRecord } from "../../../util/json";
import { readJson, writeJson } from "../../common/store";
import { CosmosError, packageNotFound, versionNotFound } from "./errors";
import type { Release } from "./package";
import { etcdReleases } from "./packages/etcd";
import { marathonReleases } from "./packages/marathon";
import { marathonLbReleases } from "./packages/marathon-lb";

export interface Repository {
  readonly name: string;
  readonly uri: string;
}

/** Where all packages of the stand-in come from; other repositories may be named and are empty. */
export const universe: Repository = { name: "Universe", uri: "http://universe.lab/repo" };

/** The newest of each package first. */
const all: readonly Release[] = [...marathonReleases, ...marathonLbReleases, ...etcdReleases].sort(
  (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : b.releaseVersion - a.releaseVersion),
);

/** The repositories that Cosmos knows, in order, and their packages. */
export class Repositories {
  private known: readonly Repository[];

  /** @param file where they are kept */
  constructor(private readonly file: string) {
    const found = readJson(file);
    this.known = Array.isArray(found) ? found.filter(isRepository) : [universe];
  }

  list(): readonly Repository[] {
    return this.known;
  }

  /** @param index place in the order; the last by default */
  add(repository: Repository, index = this.known.length): void {
    const { name, uri } = repository;
    if (!/^https?:\/\/[^/]/.test(uri)) {
      throw new CosmosError(
        "RepositoryUriSyntax",
        `URI for repository [${name}] has invalid syntax: ${uri}`,
      );
    }
    if (this.known.some((one) => one.name === name || one.uri === uri)) {
      throw new CosmosError(
        "RepositoryAlreadyPresent",
        `Repository name [${name}] and URI [${uri}] are both already present in the list`,
      );
    }
    if (index < 0 || index > this.known.length) {
      const most = this.known.length;
      throw new CosmosError(
        "RepositoryAddIndexOutOfBounds",
        `Index out of range: ${index}, allowed: 0 to ${most}`,
        { attempted: index, max: most },
      );
    }
    this.save([...this.known.slice(0, index), { name, uri }, ...this.known.slice(index)]);
  }

  delete(named: Partial<Repository>): void {
    if (named.name === undefined && named.uri === undefined) {
      throw new CosmosError(
        "RepoNameOrUriMissing",
        "Must specify either the name or uri of the repository",
      );
    }
    const matches = (one: Repository) =>
      (named.name ?? one.name) === one.name && (named.uri ?? one.uri) === one.uri;
    if (!this.known.some(matches)) {
      const what = named.name ?? named.uri ?? "";
      throw new CosmosError(
        "RepositoryNotPresent",
        `Repository [${what}] is not present in the list`,
        {
          nameOrUri: what,
        },
      );
    }
    this.save(this.known.filter((one) => !matches(one)));
  }

  /** All releases there are, the newest of each package first. */
  releases(): readonly Release[] {
    return this.known.some(({ uri }) => uri === universe.uri) ? all : [];
  }

  /**
   * One release; the newest by default.
   * @throws CosmosError PackageNotFound or VersionNotFound
   */
  release(name: string, version?: string): Release {
    const releases = this.releases().filter((one) => one.name === name);
    const [newest] = releases;
    if (newest === undefined) throw packageNotFound(name);
    if (version === undefined) return newest;
    const found = releases.find((one) => one.version === version);
    if (found === undefined) throw versionNotFound(name, version);
    return found;
  }

  private save(next: readonly Repository[]): void {
    this.known = next;
    writeJson(this.file, next);
  }
}

function isRepository(value: unknown): value is Repository {
  return isRecord(value) && typeof value.name === "string" && typeof value.uri === "string";
}
