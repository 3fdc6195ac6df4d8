/** Unix sockets as the kernel lists them: how many connections were accepted, and between which processes. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { measuredEnvironment } from './harness.mjs'

const CONNECTED = '03'

/** How many connections were accepted by sockets that were bound in a directory. */
export function acceptedIn(directory) {
  let accepted = 0
  for (const line of readFileSync('/proc/net/unix', 'latin1').split('\n')) {
    // Most lines are those of diallers, which have no path.
    if (!line.endsWith(' ') && line.includes(directory) && isAccepted(line)) accepted += 1
  }
  return accepted
}

/** Before it is accepted a connection has no inode. */
function isAccepted(line) {
  const [, , , , , state, inode] = line.split(/\s+/)
  return state === CONNECTED && inode !== '0'
}

/**
 * How many connections each pair of these processes has, by `LOWER-HIGHER` of their ids; empty where there is no `ss`.
 * Connections that were accepted by sockets bound in `directory`.
 */
export function pairsIn(directory, pids) {
  const owners = socketOwners(pids)
  const pairs = new Map()
  for (const { inode, peer } of establishedIn(directory)) {
    const ends = [owners.get(inode), owners.get(peer)]
    if (ends.includes(undefined)) continue
    const pair = ends.sort((a, b) => a - b).join('-')
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
  }
  return pairs
}

/** What `ss` alone tells: which socket is at the other end. */
function establishedIn(directory) {
  const { stdout } = spawnSync('ss', ['-xHn', 'state', 'established'], {
    env: measuredEnvironment,
    encoding: 'latin1',
    maxBuffer: 1 << 28,
  })
  const lines = (stdout ?? '').split('\n').filter((line) => line.includes(directory))
  return lines.map((line) => {
    const fields = line.trim().split(/\s+/)
    return { inode: fields.at(-3), peer: fields.at(-1) }
  })
}

/** Which process has each socket open, by inode. */
function socketOwners(pids) {
  const owners = new Map()
  for (const pid of pids) {
    for (const link of linksOf(pid)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1]
      if (inode !== undefined) owners.set(inode, pid)
    }
  }
  return owners
}

function linksOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkOf(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}

function readlinkOf(path) {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
