import assert from 'node:assert/strict'
import test from 'node:test'
import { Below } from '../../src/tui/below.ts'

/** A terminal that is as high as need be, as far as `Below` needs one. */
class Paper {
  readonly rows = ['']
  row = 0
  column = 0
  writes = 0

  /** What can be read on it. */
  get text(): string {
    return this.rows.join('\n').trimEnd()
  }

  write(text: string): void {
    this.writes += 1
    for (const [part] of text.matchAll(/\x1b\[\??\d*[A-Za-z]|\r|\n|[^\x1b\r\n]+/g)) {
      const count = Number(/\d+/.exec(part)?.[0] ?? 1)
      if (part === '\r') this.column = 0
      else if (part === '\n') {
        this.row += 1
        this.rows[this.row] ??= ''
      } else if (part.endsWith('A') && part.startsWith('\x1b')) this.row = Math.max(0, this.row - count)
      else if (part.endsWith('C') && part.startsWith('\x1b')) this.column += count
      else if (part === '\x1b[2K') this.rows[this.row] = ''
      else if (part === '\x1b[J') {
        assert(this.column > 0 || this.rows[this.row] === '', 'erases from a first cell')
        this.rows.length = this.row + 1
        this.rows[this.row] = `${this.rows[this.row]}`.slice(0, this.column)
      } else if (!part.startsWith('\x1b')) {
        this.rows[this.row] = `${this.rows[this.row]}`.slice(0, this.column).padEnd(this.column) + part
        this.column += part.length
      }
    }
  }
}

function below() {
  const paper = new Paper()
  return { paper, below: new Below((text) => paper.write(text)) }
}

test('what is added stands above the frame, and the cursor in its last row', () => {
  const { paper, below: drawn } = below()
  drawn.draw('', { rows: ['status', '> '], cursor: 2 })
  drawn.draw('bob: hi\r\nbob: and\r\n', { rows: ['status', '> a'], cursor: 3 })
  assert.equal(paper.text, 'bob: hi\nbob: and\nstatus\n> a')
  assert.deepEqual([paper.row, paper.column], [3, 3])
})

test('a frame of fewer rows leaves nothing of the one before', () => {
  const { paper, below: drawn } = below()
  drawn.draw('', { rows: ['status', '> '], cursor: 2 })
  drawn.draw('', { rows: ['> '], cursor: 2 })
  assert.equal(paper.text, '>')
})

test('a frame that stands is written again only after a resize, and when nobody knows what stands there', () => {
  const { paper, below: drawn } = below()
  const frame = { rows: ['status', '> '], cursor: 2 }
  drawn.draw('', frame)
  drawn.draw('', frame)
  assert.equal(paper.writes, 1)
  drawn.resized()
  drawn.draw('', frame)
  assert.equal(paper.writes, 2)
  assert.equal(paper.text, 'status\n>')
  drawn.forget()
  drawn.draw('', frame)
  assert.equal(paper.text, 'status\nstatus\n>')
})

test('what is wiped leaves nothing but what was added', () => {
  const { paper, below: drawn } = below()
  drawn.draw('bob: hi\r\n', { rows: ['status', '> '], cursor: 2 })
  drawn.wipe()
  assert.equal(paper.text, 'bob: hi')
})

test('where nothing of ours stands, nothing is wiped', () => {
  const { paper, below: drawn } = below()
  drawn.wipe()
  assert.equal(paper.writes, 0)
  drawn.draw('', { rows: ['> '], cursor: 2 })
  drawn.wipe()
  paper.write('$ ')
  drawn.wipe()
  assert.equal(paper.text, '$')
})
