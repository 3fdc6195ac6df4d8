/** Ending a command with all that it started: each is the leader of a process group. */
import process from 'node:process'
import { now } from '../clock.ts'

const POLL_MS = 20
/** Where nobody reaps them (in a container whose first process we are), the dead of a group stay. */
const REAP_MS = 500

/** TERM to the group of a leader, KILL after `killAfterMs`; resolves when no process of the group is left. */
export async function stopGroup(leader: number | undefined, killAfterMs: number): Promise<void> {
  const killAt = now() + killAfterMs
  for (let signal: NodeJS.Signals = 'SIGTERM'; signalGroup(leader, signal); signal = 'SIGKILL') {
    if (now() > killAt + REAP_MS) return
    do await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    while (now() < killAt && signalGroup(leader, 0))
  }
}

/** False when no process of the group is left. */
function signalGroup(leader: number | undefined, signal: NodeJS.Signals | 0): boolean {
  try {
    return leader !== undefined && process.kill(-leader, signal)
  } catch {
    return false
  }
}
