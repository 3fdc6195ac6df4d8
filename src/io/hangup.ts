/**
 * Notices that the reader of our pipe has gone while we have nothing to write to it.
 *
 * `lswarm recv t | head -1` should end when head does, but an idle writer never gets EPIPE. poll(2)
 * tells, and Node offers it to WASI programs only: so one function of WebAssembly polls the
 * descriptor. It costs 2 ms once and 0.1 ms for each poll; no process, no thread.
 */
import { wasiFunction } from './wasi.ts'

const POLL_MS = 400

/**
 * Calls `onGone` once the reader of the pipe `fd` has gone. Returns a function that stops the watch.
 * Where Node cannot poll (see `wasiFunction`) nothing is watched: the next write notices.
 */
export function watchReader(fd: number, onGone: () => void): () => void {
  let isGone: (() => boolean) | undefined
  const timer = setInterval(() => {
    isGone ??= createPoll(fd)
    if (isGone === undefined) return clearInterval(timer)
    if (!isGone()) return
    clearInterval(timer)
    onGone()
  }, POLL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Polls two subscriptions: `fd` can be written to, and 1 ms has passed. An error means that the reader has gone. */
function createPoll(fd: number): (() => boolean) | undefined {
  const poll = wasiFunction('poll_oneoff', ['i32', 'i32', 'i32', 'i32'], { stdout: fd })
  if (poll === undefined) return undefined
  const { memory, call } = poll
  const SUBSCRIPTIONS = 0
  const EVENTS = 128
  const COUNT = 256
  const view = new DataView(memory.buffer)
  // preview1: subscription = userdata u64, tag u8 at 8; clock (tag 0): timeout u64 at 24; fd_write (tag 2): fd u32 at 16
  view.setUint8(SUBSCRIPTIONS + 8, 2)
  view.setUint32(SUBSCRIPTIONS + 16, 1, true)
  view.setUint32(SUBSCRIPTIONS + 48 + 16, 1, true)
  view.setBigUint64(SUBSCRIPTIONS + 48 + 24, 1_000_000n, true)
  return () => {
    if (call(SUBSCRIPTIONS, EVENTS, 2, COUNT) !== 0) return false
    // event: userdata u64, error u16 at 8, type u8 at 10 (2: fd_write)
    const first = { error: view.getUint16(EVENTS + 8, true), type: view.getUint8(EVENTS + 10) }
    return view.getUint32(COUNT, true) > 0 && first.type === 2 && first.error !== 0
  }
}
