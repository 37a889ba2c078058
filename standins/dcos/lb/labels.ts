/** What can be said of a port of an app by a label `HAPROXY_<index>_<NAME>`. */
export const knownLabels = [
  "GROUP",
  "VHOST",
  "PORT",
  "MODE",
  "ENABLED",
  "PATH",
  "STICKY",
  "BACKEND_WEIGHT",
  "REDIRECT_TO_HTTPS",
  "BACKEND_NETWORK_ALLOWED_ACL",
] as const;

export type LabelName = (typeof knownLabels)[number];

/**
 * The labels of one app. Their values become part of HAProxy's configuration, hence only what is plainly what it
 * should be is taken; the rest is told.
 */
export class Labels {
  constructor(
    private readonly labels: Readonly<Record<string, unknown>>,
    private readonly app: string,
    private readonly notes: string[],
  ) {}

  /** The groups of all ports that say nothing else. */
  groups(): readonly string[] {
    return split(this.labels.HAPROXY_GROUP) ?? [];
  }

  list(index: number, name: LabelName): readonly string[] | undefined {
    return split(this.value(index, name));
  }

  hosts(index: number): readonly string[] {
    return this.matching(index, "VHOST", /^[A-Za-z0-9.-]+$/, "a host name", /,/);
  }

  networks(index: number): readonly string[] {
    const pattern = /^[0-9a-fA-F.:]+(\/[0-9]{1,3})?$/;
    const name = "BACKEND_NETWORK_ALLOWED_ACL";
    return this.matching(index, name, pattern, "an address or a range", /[\s,]+/);
  }

  path(index: number): string | undefined {
    return this.matching(index, "PATH", /^\/[A-Za-z0-9._~/-]*$/, "a path", /,/)[0];
  }

  mode(index: number): "http" | "tcp" | undefined {
    const value = this.matching(index, "MODE", /^(http|tcp)$/, "http or tcp", /,/)[0];
    return value === "http" || value === "tcp" ? value : undefined;
  }

  number(index: number, name: LabelName): number | undefined {
    const value = this.matching(index, name, /^-?[0-9]{1,5}$/, "a whole number", /,/)[0];
    return value === undefined ? undefined : Number(value);
  }

  port(index: number, name: LabelName): number | undefined {
    const value = this.number(index, name);
    if (value === undefined || (value >= 1 && value <= 65_535)) return value;
    this.complain(index, name, "a port");
    return undefined;
  }

  flag(index: number, name: LabelName): boolean | undefined {
    const pattern = /^(true|yes|1|false|no|0)$/i;
    const value = this.matching(index, name, pattern, "true or false", /,/)[0];
    return value === undefined ? undefined : /^(true|yes|1)$/i.test(value);
  }

  /** Tells of labels for the balancer that have no meaning here. */
  refuseOthers(ports: number, known: readonly string[]): void {
    for (const key of Object.keys(this.labels).sort()) {
      const [, index, name = ""] = /^HAPROXY_(?:([0-9]+)_)?(.*)$/.exec(key) ?? [];
      if (name === "" || key === "HAPROXY_GROUP") continue;
      if (index !== undefined && known.includes(name)) {
        if (Number(index) >= ports)
          this.notes.push(`${this.app}: ${key}: there is no port ${index}`);
      } else this.notes.push(`${this.app}: ${key} is ignored: it is not known here`);
    }
  }

  private value(index: number, name: LabelName): unknown {
    return this.labels[`HAPROXY_${index}_${name}`];
  }

  private matching(
    index: number,
    name: LabelName,
    pattern: RegExp,
    what: string,
    separator: RegExp,
  ): readonly string[] {
    const parts = split(this.value(index, name), separator) ?? [];
    if (!parts.every((part) => pattern.test(part))) {
      this.complain(index, name, what);
      return [];
    }
    return parts;
  }

  private complain(index: number, name: LabelName, what: string): void {
    const found = JSON.stringify(this.value(index, name));
    this.notes.push(`${this.app}: HAPROXY_${index}_${name} is ignored: ${found} is not ${what}`);
  }
}

function split(value: unknown, separator: RegExp = /,/): readonly string[] | undefined {
  if (typeof value !== "string") return undefined;
  return value
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
