/**
 * What shells complete from, who cannot say hello: for each socket of a verb a file in a directory of its own, with
 * two lines in plain text, the peer's name and the topic's. Nothing else reads it, and nothing depends on it.
 */
import { mkdirSync, rmdirSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../errors.ts'

const DIRECTORY = '.names'
/** The last inodes are for sockets. */
const FREE_INODES_MIN = 256

/** The label of a socket; both names end alike, and socket names are never reused. */
export function labelPath(base: string, socketName: string): string {
  return join(base, DIRECTORY, socketName.slice(2))
}

/**
 * Writes the label of a socket of ours, if there is room for such.
 * @param topic the word; `''` where it was none
 */
export function writeLabel(base: string, socketName: string, name: string, topic: string): void {
  const line = /[\u0000-\u001f\u007f-\u009f]/.test(topic) ? '' : topic
  const write = () =>
    writeFileSync(labelPath(base, socketName), `${name}\n${line}\n`, { flag: 'wx', mode: 0o600 })
  try {
    const { files, ffree } = statfsSync(base)
    // Some file systems have no such number.
    if (files > 0 && ffree < FREE_INODES_MIN) return
    try {
      write()
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
      mkdirSync(join(base, DIRECTORY), { mode: 0o700 })
      write()
    }
  } catch {
    // No room, or another process made or removed the directory in this moment: it is a comfort.
  }
}

/** Removes the label of a socket, and the directory when it was the last. */
export function removeLabel(base: string, socketName: string): void {
  try {
    unlinkSync(labelPath(base, socketName))
    rmdirSync(join(base, DIRECTORY))
  } catch {
    // There was none, or others have theirs.
  }
}
