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
