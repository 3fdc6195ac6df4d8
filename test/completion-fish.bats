#!/usr/bin/env bats
# What fish completes, by Tab.

load helpers/common
load helpers/screen
load helpers/shells
load helpers/completing

completes_in fish
