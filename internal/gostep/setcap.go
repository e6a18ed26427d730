package gostep

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/moby/sys/capability"
)

// runSetcap copies a file and gives the copy capabilities, which are written as
// cap_net_bind_service,cap_net_raw=+ep.
func runSetcap(args []string, _ io.Writer) error {
	if len(args) != 3 {
		return errUsage
	}
	to := filepath.Join(args[1], filepath.Base(args[0]))
	if err := copyFile(args[0], to, 0o755); err != nil {
		return err
	}
	return setcap(to, args[2])
}

func setcap(file, text string) error {
	names, flags, ok := strings.Cut(text, "=")
	if !ok {
		names, flags, ok = strings.Cut(text, "+")
	}
	if !ok {
		return fmt.Errorf("capabilities %q have no flags", text)
	}
	caps, err := capability.NewFile2(file)
	if err != nil {
		return err
	}
	if err := caps.Load(); err != nil {
		return fmt.Errorf("capabilities of %s: %w", file, err)
	}
	for name := range strings.SplitSeq(names, ",") {
		c, err := capabilityNamed(name)
		if err != nil {
			return err
		}
		for _, flag := range strings.TrimPrefix(flags, "+") {
			set, ok := map[rune]capability.CapType{'e': capability.EFFECTIVE, 'i': capability.INHERITABLE, 'p': capability.PERMITTED}[flag]
			if !ok {
				return fmt.Errorf("capabilities %q: no flag %q", text, flag)
			}
			caps.Set(set, c)
		}
	}
	if err := caps.Apply(capability.CAPS); err != nil {
		return fmt.Errorf("capabilities of %s: %w", file, err)
	}
	return nil
}

func capabilityNamed(name string) (capability.Cap, error) {
	for _, c := range capability.ListKnown() {
		if "cap_"+c.String() == strings.ToLower(name) {
			return c, nil
		}
	}
	return 0, fmt.Errorf("no capability %q", name)
}
