/** A signal that aborts with its parent or after some time. Dispose it when the work is done. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/** Creates a signal that aborts after `ms` milliseconds (0 or less: at once), or with the parent. */
export function deadlineWithin(ms: number, parent: AbortSignal): Deadline {
  const controller = new AbortController();
  const expire = (): void =>
    controller.abort(new DOMException(`no answer within ${Math.round(ms)} ms`, 'TimeoutError'));
  const follow = (): void => controller.abort(parent.reason);
  const timer = ms > 0 ? setTimeout(expire, ms) : undefined;
  if (parent.aborted) follow();
  else if (ms <= 0) expire();
  else parent.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      parent.removeEventListener('abort', follow);
    },
  };
}

/**
 * Awaits the promise until the signal aborts, then rejects with the signal's reason. A promise that settles because of the
 * signal still decides the outcome: it has one turn of the event loop for that.
 */
export async function withoutWaitingFor<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = (): void => void setTimeout(() => reject(signal.reason as Error));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (giveUp !== undefined) signal.removeEventListener('abort', giveUp);
  }
}
