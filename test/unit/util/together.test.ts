import { allOrNone, together } from "../../../util/together";

test("work goes on at the same time, and its results are in order", async () => {
  const begun: string[] = [];
  let free = (): void => undefined;
  const freed = new Promise<void>((resolve) => {
    free = resolve;
  });
  const first = async () => {
    begun.push("first");
    await freed;
    return 1;
  };
  const second = async () => {
    begun.push("second");
    free();
    return "two";
  };
  expect(await together(first(), second())).toEqual([1, "two"]);
  expect(begun).toEqual(["first", "second"]);
});

test("of several failures the first in order is thrown, once all have ended", async () => {
  let ended = false;
  const late = Promise.resolve()
    .then(() => undefined)
    .then(() => {
      ended = true;
      throw new Error("late");
    });
  await expect(together(late, Promise.reject(new Error("early")))).rejects.toThrow("late");
  expect(ended).toBe(true);
});

test("the first failure in time ends the rest, and is what is thrown", async () => {
  const seen: string[] = [];
  const untilEnded = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => {
      signal.addEventListener("abort", () => {
        seen.push("ended");
        reject(new Error("of no interest"));
      });
    });
  const failing = async () => {
    throw new Error("first");
  };
  await expect(allOrNone(untilEnded, failing)).rejects.toThrow("first");
  expect(seen).toEqual(["ended"]);
  await allOrNone(
    async () => 1,
    async () => "two",
  );
});
