/** Resolves when all work that is ready has run, before the event loop looks for input. */
export function readyWorkDone(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
