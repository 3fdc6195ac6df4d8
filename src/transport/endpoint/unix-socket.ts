/**
 * Listening at a path that a user chose.
 *
 * The socket is bound under a hidden name, with its mode from the first moment on, listens, and is
 * then linked to its path: that fails if anything is there, so nobody's socket is ever replaced.
 */
import { linkSync, lstatSync, renameSync, type Stats, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { NEVER, pause } from '../../abort.ts'
import { systemCode } from '../../errors.ts'
import { removeAtExit } from '../../exit-cleanup.ts'
import { randomBytes } from '../../random.ts'
import { withUmask } from '../local/runtime-directory.ts'

/** Two refusals so far apart: one may be of a socket that is bound and does not listen yet. */
const REFUSALS_MS = 100

/**
 * Listens; the path is removed when the server closes, and when the program exits. Takes the place
 * of a socket whose owner is gone, and of nothing else. Rejects with the error of the system.
 */
export async function listenAtPath(server: Server, path: string): Promise<void> {
  const hidden = hiddenBeside(path)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    withUmask(0o177, () =>
      server.listen({ path: hidden }, () => {
        server.off('error', reject)
        resolve()
      }),
    )
  })
  const own = lstatSync(hidden)
  try {
    await publish(hidden, path)
  } finally {
    unlinkSync(hidden)
  }
  const remove = () => removeIf(path, own)
  const cancel = removeAtExit(remove)
  server.once('close', () => {
    cancel()
    remove()
  })
}

async function publish(hidden: string, path: string): Promise<void> {
  try {
    linkSync(hidden, path)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    const abandoned = await abandonedAt(path)
    if (abandoned === undefined) throw Object.assign(new Error('the path is taken'), { code: 'EADDRINUSE' })
    removeIf(path, abandoned)
    linkSync(hidden, path)
  }
}

/** The file at a path, if it is a socket that refuses connections for good. */
async function abandonedAt(path: string): Promise<Stats | undefined> {
  const there = lstatSync(path)
  if (!there.isSocket() || !(await isRefused(path))) return undefined
  await pause(NEVER, REFUSALS_MS)
  return (await isRefused(path)) ? there : undefined
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

/** Removes a file unless it is another one by now: it is moved aside first, and put back if so. */
function removeIf(path: string, expected: Stats): void {
  const aside = hiddenBeside(path)
  try {
    renameSync(path, aside)
    const { ino, dev } = lstatSync(aside)
    if (ino !== expected.ino || dev !== expected.dev) linkSync(aside, path)
    unlinkSync(aside)
  } catch {
    // It has gone, or another program was quicker: nothing of ours is there.
  }
}

function hiddenBeside(path: string): string {
  return join(dirname(path), `.${randomBytes(4).toString('base64url')}`)
}
