/**
 * Removes files when the process ends without a word: by `process.exit`, an exception, or a signal.
 *
 * A signal that the program handles itself is the program's affair: its handlers run, and nothing of
 * ours. One that nobody else handles ends the process as it would have, only with the files removed.
 */
import process from 'node:process'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const removals = new Set<() => void>()

/** Calls `remove` when the process ends. Returns what cancels that. */
export function removeAtExit(remove: () => void): () => void {
  if (removals.size === 0) {
    process.on('exit', removeAll)
    for (const signal of SIGNALS) listen(signal)
  }
  removals.add(remove)
  return () => {
    if (!removals.delete(remove) || removals.size > 0) return
    process.off('exit', removeAll)
    for (const signal of SIGNALS) process.off(signal, end)
  }
}

function removeAll(): void {
  for (const remove of removals) remove()
}

/** Before all others: of a listener that is called once nobody would know afterwards. */
function listen(signal: NodeJS.Signals): void {
  process.off(signal, end).prependListener(signal, end)
}

function end(signal: NodeJS.Signals): void {
  process.off(signal, end)
  if (process.listenerCount(signal) === 0) {
    removeAll()
    process.kill(process.pid, signal)
    return
  }
  // Others that end the process only if nobody else listens (signal-exit does) must not count us.
  process.nextTick(() => {
    if (removals.size > 0) listen(signal)
  })
}
