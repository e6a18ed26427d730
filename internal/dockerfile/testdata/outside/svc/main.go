package main

import _ "example.com/lib/sub"

func main() {}
