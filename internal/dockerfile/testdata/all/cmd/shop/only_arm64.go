//go:build linux && arm64

package main

import _ "golang.org/x/mod/modfile"
