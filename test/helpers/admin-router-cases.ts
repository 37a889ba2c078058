/** What DC/OS' Admin Router and its logins answer, by their sources: both the stand-in and the client are held to it. */
import { z } from "zod";
import { sharedText } from "./shared";

const read = (...path: readonly string[]): unknown =>
  JSON.parse(sharedText("dcos-conformance", ...path));

const texts = z.record(z.string(), z.string());
const cases = z.object({
  cases: z.array(
    z.object({
      when: z.string(),
      status: z.number(),
      contentType: z.string().optional(),
      headers: texts.optional(),
      body: z.string().optional(),
      bodyFile: z.string().optional(),
      location: z.string().optional(),
    }),
  ),
  cacheSeconds: z.record(z.string(), z.number()),
  tokenForms: z.array(z.string()),
});
const login = z.object({
  request: texts,
  status: z.number(),
  headers: texts.optional(),
  reply: z.unknown().optional(),
  replyText: z.string().optional(),
});
const logins = z.object({ bouncer: z.array(login), "dcos-oauth": z.array(login) });

export const adminRouterCases = () => cases.parse(read("adminrouter", "cases.json"));

/** The page or text that a case has as a file. */
export const adminRouterPage = (file: string) =>
  sharedText("dcos-conformance", "adminrouter", file);

export const loginCases = () => logins.parse(read("iam", "login-cases.json"));
