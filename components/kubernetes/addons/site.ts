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

/**
 * For services that only the API server leads to, which asks their pods itself: nobody comes to such a pod by way of
 * another node, with that node's address, by which no policy could tell who it is.
 */
export const fromItsNode = "Local";

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
