#!/usr/bin/env node
'use strict'
const { closeSync, writeSync } = require('node:fs')
const { join } = require('node:path')

function isSaid(version) {
  try {
    return writeSync(1, version) === version.length
  } catch {
    // What it means that stdout cannot be written is known there.
    return false
  }
}

const [first] = process.argv.slice(2)
const asked = first === '--version' || first === '-V'
if (!asked || !isSaid(`lswarm ${require('../package.json').version}\n`)) {
  require('./load.cjs')(join(__dirname, '../dist/main.cjs'))
} else {
  // At exit Node sets terminals back, and aborts where one has hung up meanwhile.
  for (const fd of [0, 1, 2]) closeSync(fd)
}
