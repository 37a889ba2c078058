/**
 * Waits for work that goes on at the same time.
 * @throws the first failure in the given order, not in time: the same fault is told by the same words every time
 */
export async function together<Work extends readonly Promise<unknown>[]>(
  ...work: Work
): Promise<{ -readonly [Index in keyof Work]: Awaited<Work[Index]> }> {
  await Promise.allSettled(work);
  for (const one of work) await one;
  return Promise.all(work);
}

/**
 * Work that goes on at the same time, of which no part is of use without the others: the first that fails in time ends
 * the rest, whose ends are waited for.
 * @throws the error of that first one
 */
export async function allOrNone(
  ...work: readonly ((signal: AbortSignal) => Promise<unknown>)[]
): Promise<void> {
  const rest = new AbortController();
  await Promise.allSettled(
    work.map((one) =>
      one(rest.signal).catch((thrown: unknown) => {
        // Only the first one counts: what an aborted part says is of no interest.
        rest.abort(thrown);
      }),
    ),
  );
  rest.signal.throwIfAborted();
}
