/** Waiting for something that happens, with a deadline: the only clocks of the tests. */
import type { EventEmitter } from 'node:events'

const DEADLINE_MS = 20_000
const POLL_MS = 5
/** The real ones: a test may mock the clock of what it tests. */
const { setTimeout: start, clearTimeout: stop } = globalThis

/** `promise`, or an error that names what was waited for. */
export async function within<T>(promise: Promise<T>, what: string, ms = DEADLINE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = start(() => reject(new Error(`not within ${ms / 1000} s: ${what}`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    stop(timer)
  }
}

/** The next time that `emitter` emits `name`: what came with it. */
export function event(emitter: EventEmitter, name: string): Promise<unknown[]> {
  const emitted = new Promise<unknown[]>((resolve) =>
    emitter.once(name, (...args: unknown[]) => resolve(args)),
  )
  return within(emitted, `'${name}'`)
}

/** Resolves when `holds` does. For what has no event: files, descriptors, other processes. */
export async function until(holds: () => boolean, what: string, ms = DEADLINE_MS): Promise<void> {
  const deadline = process.hrtime.bigint() + BigInt(ms) * 1_000_000n
  while (!holds()) {
    if (process.hrtime.bigint() > deadline) throw new Error(`not within ${ms / 1000} s: ${what}`)
    await new Promise((resolve) => start(resolve, POLL_MS))
  }
}

/** Lets the event loop turn: everything that is due already happens. */
export async function turns(count = 2): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}
