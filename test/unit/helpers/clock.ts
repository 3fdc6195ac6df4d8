/** The monotonic clock, moved forward by the test: what waits by it need not be waited for. */
import process from 'node:process'
import type { TestContext } from 'node:test'

export interface Clock {
  forward(ms: number): void
}

const STEP_MS = 100

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
    // In steps: a timer that another one sets would begin at the end of a longer one.
    forward: (ms) => {
      for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) {
        clock.forward(Math.min(leftMs, STEP_MS))
        t.mock.timers.tick(Math.min(leftMs, STEP_MS))
      }
    },
  }
}
