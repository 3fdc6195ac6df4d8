/** What this process holds: descriptors, and whatever keeps its event loop alive. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { turns, until } from './wait.ts'

export interface Held {
  readonly descriptors: number
  /** The kinds of active handles, requests and timers, sorted. */
  readonly active: readonly string[]
  readonly exitListeners: number
}

/** What is held now, once what was closed before is really gone. */
export async function heldNow(): Promise<Held> {
  await turns(10)
  return held()
}

function held(): Held {
  // Where there is no /proc, nothing is counted.
  const descriptors = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
  const active = process.getActiveResourcesInfo().sort()
  return { descriptors, active, exitListeners: process.listenerCount('exit') }
}

/** The shortest of the timers that a swarm must not leave (its linger) is longer than this. */
const GRACE_MS = 2_500

/** Waits, until what was closed is really gone, that this process holds what it held before. */
export async function assertHeld(before: Held): Promise<void> {
  await until(() => same(held(), before), 'as before', GRACE_MS).catch(() => assert.deepEqual(held(), before))
}

function same(a: Held, b: Held): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
