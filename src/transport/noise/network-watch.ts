/** Noticing that this machine has come to another network, or back to one, or has slept. */
import { networkInterfaces } from 'node:os'

const WATCH_MS = 2_000
/** The wall clock went on without us for so long: we slept, or it was set, and then no harm is done. */
const SLEPT_MS = 10_000

/** Calls `onchange` when there is reason to try again what failed. Returns what ends that. */
export function watchNetworks(onchange: () => void): () => void {
  let before = addresses()
  let at = Date.now()
  const timer = setInterval(() => {
    const there = addresses()
    const slept = Math.abs(Date.now() - at) > SLEPT_MS
    const isNew = there !== before
    before = there
    at = Date.now()
    if (isNew || slept) onchange()
  }, WATCH_MS)
  timer.unref()
  return () => clearInterval(timer)
}

function addresses(): string {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  return all
    .map(({ address }) => address)
    .sort()
    .join(' ')
}
