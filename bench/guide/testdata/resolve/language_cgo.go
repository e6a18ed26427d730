package main

/*
static const char *language(void) { return "C"; }
*/
import "C"

func language() string { return C.GoString(C.language()) }
