/** The monotonic clock, moved forward by the test: what waits by it need not be waited for. */
import type { TestContext } from 'node:test'

export interface Clock {
  forward(ms: number): void
}

export function monotonicClock(t: TestContext): Clock {
  const now = performance.now.bind(performance)
  let aheadMs = 0
  t.mock.method(performance, 'now', () => now() + aheadMs)
  return {
    forward: (ms) => {
      aheadMs += ms
    },
  }
}
