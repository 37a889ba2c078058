import { runtime } from "@pulumi/pulumi";

/** Lets the pretended engine of the SDK take hooks of resources: it says that it does, and has no such method. It calls none. */
export function takeHooks(): void {
  const registerResourceHook = (_: unknown, done: (error: null) => void) => done(null);
  Object.assign(runtime.getMonitor() ?? {}, { registerResourceHook });
}
