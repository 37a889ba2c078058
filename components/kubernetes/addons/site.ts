/** Where a dashboard is put, and what it finds there. */
export interface Site {
  readonly namespace: string;
  /** Name of the service that browsers are led to. */
  readonly service: string;
  /** Account that may look at the cluster. */
  readonly viewer: string;
  /** Labels of every object. */
  readonly labels: Record<string, string>;
}

/** Images by the part's name; those that are not named are upstream's. */
export type Images = Readonly<Record<string, string>>;

/** What a program that is only looked at needs no more than. */
export const confined = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 1001,
  runAsGroup: 2001,
  seccompProfile: { type: "RuntimeDefault" },
};
