package spec

import (
	"errors"
	"fmt"
)

// flaw is what is wrong with a value, and the legal one that was probably meant. The zero
// flaw is none.
type flaw struct{ msg, hint string }

// maxHint is the longest hint that is of use.
const maxHint = 100

func (f flaw) err() error {
	switch {
	case f.msg == "":
		return nil
	case f.hint == "" || len(f.hint) > maxHint:
		return errors.New(f.msg)
	}
	return fmt.Errorf("%s (did you mean %q?)", f.msg, f.hint)
}

// flaw reports at a value what is wrong with it, if anything.
func (v *validator) flaw(at keyPath, rule string, f flaw) {
	if f.msg != "" {
		v.value(at, rule, f.hint, "%s", f.msg)
	}
}

// keyFlaw reports at a key what is wrong with it, if anything.
func (v *validator) keyFlaw(at keyPath, rule string, f flaw) {
	if f.msg != "" {
		v.key(at, rule, f.hint, "%s", f.msg)
	}
}

// CheckImage reports what is wrong with an image's base, or the image that a file is of.
// "scratch" is one.
func CheckImage(ref string) error { return imageFlaw(ref).err() }

// CheckToolchain reports what is wrong with the image that has the go command.
func CheckToolchain(ref string) error { return toolchainFlaw(ref).err() }

// CheckUser reports what is wrong with an image's user.
func CheckUser(user string) error { return userFlaw(user).err() }

// CheckPath reports what is wrong with a path in an image. One that ends in / is a directory.
func CheckPath(p string) error { return pathFlaw(p).err() }
