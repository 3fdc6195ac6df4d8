#!/usr/bin/env node
require('../dist/lswarm.cjs')
