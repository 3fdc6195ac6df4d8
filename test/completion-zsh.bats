#!/usr/bin/env bats
# What zsh completes, by Tab.

load helpers/common
load helpers/screen
load helpers/shells
load helpers/completing

completes_in zsh
