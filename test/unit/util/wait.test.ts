import { waitFor } from "../../../util/wait";

const never = async () => ({ done: false, seen: "nothing" }) as const;

test("a wait that gives up says what it waited for, for how long, and what it saw last", async () => {
  const wait = { what: "the end", timeoutMs: 20, intervalMs: 5 };
  await expect(waitFor(wait, never)).rejects.toThrow(
    "gave up after 0 s waiting for the end: nothing",
  );
});

test("a caller may have words of its own for it", async () => {
  const failure = (seconds: number, seen: string) => new RangeError(`${seconds} s: ${seen}`);
  const wait = { what: "the end", timeoutMs: 20, intervalMs: 5, failure };
  await expect(waitFor(wait, never)).rejects.toThrow(new RangeError("0 s: nothing"));
});

test("what is waited for is told after a while, or at once where that is asked", async () => {
  const said: string[] = [];
  const wait = {
    what: "the end",
    timeoutMs: 20,
    intervalMs: 5,
    onWait: (one: string) => said.push(one),
  };
  await expect(waitFor(wait, never)).rejects.toThrow();
  expect(said).toEqual([]);
  await expect(waitFor({ ...wait, sayAfterMs: 0 }, never)).rejects.toThrow();
  expect(said).toEqual(["waiting for the end: nothing"]);
});
