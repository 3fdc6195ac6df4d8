/** Ending a command with all that it started: each is the leader of a process group. */
import { existsSync, readdirSync } from 'node:fs'
import process from 'node:process'
import { now } from '../clock.ts'
import { matchIn } from './descriptor.ts'

const POLL_MS = 20
/** The dead of a group stay for so long, or for ever, where the first process of a container does not reap them. */
const REAP_MS = 500
/** To look for the dead takes a millisecond for every hundred processes: it is done less and less often. */
const LOOK_MS = 40

/** TERM to the group of a leader, KILL after `killAfterMs`; resolves when no process of the group is alive. */
export async function stopGroup(leader: number | undefined, killAfterMs: number): Promise<void> {
  if (leader === undefined || !signalGroup(leader, 'SIGTERM')) return
  const start = now()
  let lookAt = start + LOOK_MS
  let wasDead = false
  while (now() <= start + killAfterMs + REAP_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    if (!signalGroup(leader, now() < start + killAfterMs ? 0 : 'SIGKILL')) return
    if (!wasDead && now() < lookAt) continue
    lookAt = now() + (now() - start)
    const isDead = hasOnlyDead(leader)
    // Twice: one that was started meanwhile is missed by a single look.
    if (isDead && wasDead) return
    wasDead = isDead
  }
}

/** False when no process of the group is left. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal)
  } catch {
    return false
  }
}

/** True when /proc shows processes of the group, none of which is alive. */
function hasOnlyDead(leader: number): boolean {
  const pids = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []
  const states = pids.flatMap((pid) => {
    // pid (name) state parent group: a name may hold anything.
    const [, state, group] = matchIn(`/proc/${pid}/stat`, /^.*\) (\S) \d+ (\d+) /s) ?? []
    return Number(group) === leader ? [state] : []
  })
  return states.length > 0 && states.every((state) => state === 'Z' || state === 'X')
}
