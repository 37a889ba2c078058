import { messageOf } from "../../../util/errors";
import { isRecord } from "../../../util/json";

const timeoutMs = 3_000;

/** A member as etcd's own list has it. */
export interface Member {
  readonly id: string;
  /** Empty while it has not been started. */
  readonly name: string;
  readonly peerUrls: readonly string[];
}

/** Whether a member serves, which it does only with a leader (etcd: `/health`). */
export async function isHealthy(clientUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${clientUrl}/health`, { signal: AbortSignal.timeout(timeoutMs) });
    const value: unknown = await response.json();
    return isRecord(value) && String(value.health) === "true";
  } catch {
    return false;
  }
}

/** etcd's cluster API by its JSON gateway, at one of the members. */
export class MemberApi {
  constructor(private readonly clientUrl: string) {}

  async list(): Promise<readonly Member[]> {
    return readMembers(await this.call("list", {}));
  }

  async remove(id: string): Promise<void> {
    await this.call("remove", { ID: id });
  }

  /** @returns all members, the new one among them */
  async add(peerUrl: string): Promise<readonly Member[]> {
    return readMembers(await this.call("add", { peerURLs: [peerUrl] }));
  }

  private async call(verb: string, body: unknown): Promise<unknown> {
    const url = `${this.clientUrl}/v3/cluster/member/${verb}`;
    try {
      const response = await fetch(url, {
        method: "POST",
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const value: unknown = await response.json();
      if (response.ok) return value;
      const error = isRecord(value) ? (value.error ?? value.message) : undefined;
      throw new Error(`HTTP ${response.status}: ${String(error ?? JSON.stringify(value))}`);
    } catch (thrown) {
      throw new Error(`member ${verb} at ${this.clientUrl}: ${messageOf(thrown)}`);
    }
  }
}

function readMembers(value: unknown): readonly Member[] {
  const members = isRecord(value) && Array.isArray(value.members) ? value.members : [];
  return members.filter(isRecord).map((member) => ({
    id: String(member.ID),
    name: typeof member.name === "string" ? member.name : "",
    peerUrls: Array.isArray(member.peerURLs) ? member.peerURLs.map(String) : [],
  }));
}
