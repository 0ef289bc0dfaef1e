/** A signal that aborts with its parent, or after some time. Dispose it when the work is done. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/** Limits what is done under the returned signal to `ms` milliseconds (0 and less: aborted at once). */
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

/** Leaves a promise behind that doesn't heed its signal; one that does has the last word. */
export async function withoutWaitingFor<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let leave: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    leave = (): void => void setTimeout(() => reject(signal.reason as Error));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (leave !== undefined) signal.removeEventListener('abort', leave);
  }
}
