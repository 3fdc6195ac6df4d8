/** The monotonic clock, moved forward by the test: what waits by it need not be waited for. */
import process from 'node:process'
import type { TestContext } from 'node:test'

export interface Clock {
  forward(ms: number): void
}

export function monotonicClock(t: TestContext): Clock {
  const now = process.hrtime.bigint.bind(process.hrtime)
  let aheadMs = 0
  t.mock.method(process.hrtime, 'bigint', () => now() + BigInt(Math.round(aheadMs * 1e6)))
  return {
    forward: (ms) => {
      aheadMs += ms
    },
  }
}

/** From here on timers and the monotonic clock go on when the test says so. */
export function clockAndTimers(t: TestContext): Clock {
  const clock = monotonicClock(t)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  return {
    forward: (ms) => {
      clock.forward(ms)
      t.mock.timers.tick(ms)
    },
  }
}
