package main

import (
	_ "net/http"

	_ "golang.org/x/mod/semver"
)

func main() {}
