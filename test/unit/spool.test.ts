import assert from 'node:assert/strict'
import { existsSync, statfsSync } from 'node:fs'
import test from 'node:test'
import type { Piece } from '../../src/io/source.ts'
import { type Extent, type Seat, Spool } from '../../src/io/spool.ts'
import { SpoolReader } from '../../src/io/spool-reader.ts'

const TMPFS = 0x01021994
const skip = existsSync('/dev/shm') && statfsSync('/dev/shm').type === TMPFS ? false : 'no memory to share'

/** A spool of 100 bytes which tells of 40 at once, and what it has told; `done` frees the oldest. */
function create() {
  const spool = Spool.open(['/nowhere', '/dev/shm'], { ringBytes: 100, batchBytes: 40 })
  assert.ok(spool)
  const told: Extent[] = []
  const releases: (() => void)[] = []
  assert.ok(
    spool.reserve((extent, release) => {
      told.push(extent)
      releases.push(release)
    }),
  )
  return { spool, told, free: () => releases.shift()?.() }
}

/** `length` bytes that are told apart, and how often they were released. */
function piece(length: number, first: number) {
  const data = Buffer.from(Array.from({ length }, (_, i) => first + i))
  const counted = {
    data,
    released: 0,
    release: () => {
      counted.released += 1
    },
  }
  return counted
}

const sitting = { write: () => {}, leave: () => {} }

test('what is put is there for readers, also over the end of the ring', { skip }, () => {
  const { spool, told, free } = create()
  const reader = SpoolReader.open(spool.loan)
  assert.ok(reader)
  for (let i = 0; i < 20; i++) {
    const { data, release } = piece(37, i)
    spool.put({ data, release })
    spool.flush()
    const extent: Extent | undefined = told.at(-1)
    assert.ok(extent)
    assert.deepEqual(extent, { length: 37, end: 37 * (i + 1) })
    assert.deepEqual(spool.read(extent), data)
    const read: Piece | undefined = reader.read({ ...extent, seat: 0 })
    assert.deepEqual(read?.data, data)
    read?.release()
    free()
  }
  reader.close()
  spool.close()
})

test('a piece for which there is no room waits, and is released when it is copied', { skip }, () => {
  const { spool, told, free } = create()
  const pieces = [piece(40, 0), piece(40, 40), piece(40, 80)]
  for (const one of pieces) spool.put(one)
  spool.flush()
  assert.deepEqual(
    pieces.map(({ released }) => released),
    [1, 1, 0],
  )
  assert.equal(spool.isIdle, false)
  assert.equal(spool.hasRoom(20), false)
  free()
  spool.flush()
  assert.equal(pieces[2]?.released, 1)
  assert.deepEqual(
    told.map(({ end }) => end),
    [40, 80, 120],
  )
  assert.equal(spool.isIdle, true)
  assert.equal(spool.hasRoom(20), true)
  assert.equal(spool.hasRoom(21), false)
  spool.close()
})

test('the first piece is told at once, those that follow together, and never more than a batch', {
  skip,
}, (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { spool, told, free } = create()
  spool.put(piece(1, 0))
  assert.deepEqual(told, [{ length: 1, end: 1 }])
  spool.put(piece(10, 0))
  spool.put(piece(10, 0))
  free()
  assert.equal(told.length, 1)
  t.mock.timers.tick(5)
  assert.deepEqual(told.slice(1), [{ length: 20, end: 21 }])
  spool.put(piece(30, 0))
  spool.put(piece(30, 0))
  assert.deepEqual(told.slice(2), [{ length: 30, end: 51 }])
  spool.close()
})

test('who has still to read is not told of a little more, but for a while', { skip }, (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { spool, told } = create()
  spool.put(piece(1, 0))
  spool.put(piece(10, 0))
  for (let ms = 0; ms < 45; ms += 5) t.mock.timers.tick(5)
  assert.equal(told.length, 1)
  t.mock.timers.tick(5)
  assert.deepEqual(told.slice(1), [{ length: 10, end: 11 }])
  spool.close()
})

test('a seat is done with an extent when its reader is', { skip }, () => {
  const { spool } = create()
  const said: number[] = []
  const seat = spool.seat(({ end }) => said.push(end))
  assert.ok(seat)
  let done = 0
  const count = () => {
    done += 1
  }
  for (const end of [10, 20, 30]) seat.write({ length: 10, end }, count)
  assert.deepEqual([said, done], [[10, 20, 30], 0])
  seat.progressed(19)
  assert.equal(done, 1)
  seat.progressed(1_000)
  assert.equal(done, 3)
  spool.close()
})

test('who was given up can read nothing any more, and the others can', { skip }, () => {
  const { spool, told } = create()
  const seats: Seat[] = []
  for (let i = 0; i < 2; i++) {
    const seat = spool.seat(sitting.write)
    assert.ok(seat)
    seats.push(seat)
  }
  const reader = SpoolReader.open(spool.loan)
  assert.ok(reader)
  spool.put(piece(10, 0))
  const [extent] = told
  assert.ok(extent)
  seats[1]?.leave()
  assert.equal(reader.read({ ...extent, seat: 1 }), undefined)
  assert.ok(reader.read({ ...extent, seat: 0 }))
  reader.close()
  spool.close()
})

test('what cannot be is not read', { skip }, () => {
  const { spool } = create()
  const reader = SpoolReader.open(spool.loan)
  assert.ok(reader)
  for (const extent of [
    { end: 5, length: 10, seat: 0 },
    { end: 200, length: 101, seat: 0 },
    { end: 10, length: 10, seat: 4_096 },
    { end: 10, length: 10, seat: 2 ** 50 },
  ]) {
    assert.equal(reader.read(extent), undefined)
  }
  reader.close()
  assert.equal(reader.read({ end: 10, length: 10, seat: 0 }), undefined)
  spool.close()
})

test('there are 4096 seats', { skip }, () => {
  const { spool } = create()
  for (let i = 0; i < 4_096; i++) assert.ok(spool.seat(sitting.write))
  assert.equal(spool.seat(sitting.write), undefined)
  spool.close()
  spool.close()
})
