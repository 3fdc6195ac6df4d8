/**
 * Listening at a path that a user chose.
 *
 * The socket is bound under a hidden name, with its mode from the first moment on, listens, and is
 * then linked to its path: that fails if anything is there, so nobody's socket is ever replaced. A
 * socket whose owner is gone is removed under a lock, by one process at a time.
 */

import { once } from 'node:events'
import { closeSync, linkSync, lstatSync, openSync, rmSync, type Stats, statSync, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { NEVER, pause } from '../../abort.ts'
import { systemCode } from '../../errors.ts'
import { removeAtExit } from '../../exit-cleanup.ts'
import { randomBytes } from '../../random.ts'
import { withUmask } from '../local/runtime-directory.ts'

/** Two refusals so far apart: one may be of a socket that is bound and does not listen yet. */
const REFUSALS_MS = 100
/** A lock is held for little more than that; an older one was left by a process that was killed. */
const LOCK_MS = 5_000

/**
 * Listens. Takes the place of a socket whose owner is gone, and of nothing else. Rejects with the error of the system.
 * @returns what removes the path, to be called while the server listens still; the end of the process does, too
 */
export async function listenAtPath(server: Server, path: string): Promise<() => void> {
  const hidden = hiddenBeside(path)
  const removeHidden = () => rmSync(hidden, { force: true })
  const cancelHidden = removeAtExit(removeHidden)
  try {
    await once(
      withUmask(0o177, () => server.listen({ path: hidden })),
      'listening',
    )
    const own = lstatSync(hidden)
    await publish(hidden, path)
    const remove = () => {
      if (isSame(path, own)) unlinkSync(path)
    }
    const cancel = removeAtExit(remove)
    return () => {
      cancel()
      remove()
    }
  } finally {
    removeHidden()
    cancelHidden()
  }
}

async function publish(hidden: string, path: string): Promise<void> {
  try {
    linkSync(hidden, path)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    await removeAbandoned(path)
    linkSync(hidden, path)
  }
}

/** Removes the socket at a path if it refuses connections for good; whatever else is there stays. */
async function removeAbandoned(path: string): Promise<void> {
  const unlock = lock(`${path}.lock`)
  const cancel = removeAtExit(unlock)
  try {
    const there = lstatSync(path, { throwIfNoEntry: false })
    if (!there?.isSocket() || !(await isRefused(path))) return
    await pause(NEVER, REFUSALS_MS)
    if ((await isRefused(path)) && isSame(path, there)) unlinkSync(path)
  } finally {
    cancel()
    unlock()
  }
}

/** @throws EEXIST while another process has it */
function lock(path: string): () => void {
  const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
  if (age > LOCK_MS) unlinkSync(path)
  closeSync(openSync(path, 'wx', 0o600))
  return () => unlinkSync(path)
}

function isSame(path: string, expected: Stats): boolean {
  const there = lstatSync(path, { throwIfNoEntry: false })
  return there?.ino === expected.ino && there.dev === expected.dev
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error) => resolve(systemCode(error) === 'ECONNREFUSED'))
  })
}

function hiddenBeside(path: string): string {
  return join(dirname(path), `.${randomBytes(4).toString('base64url')}`)
}
