package lab

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/internal/localkit"
	"github.com/acme/xbuild/internal/progress"
)

// Sample is one build that was timed.
type Sample struct {
	Took     time.Duration
	CPU      time.Duration     // of all processes; 0 of a build by BuildKit
	Steps    []result.Step     // by start; none of a build without BuildKit
	Said     string            // by the client and the steps
	Binaries map[string]string // SHA-256 in hexadecimal by platform and name: linux/amd64/shop
	Size     int64             // of the binaries together, in bytes
	Digest   string            // of the image that was pushed
	Cache    []result.Blob     // exported
	Traffic  localkit.Traffic  // with registries, of all that was built in the time
}

// add takes a binary's content into account.
func (s *Sample) add(name string, content io.Reader) error {
	sum := sha256.New()
	n, err := io.Copy(sum, content)
	if s.Binaries == nil {
		s.Binaries = map[string]string{}
	}
	s.Binaries[name] = fmt.Sprintf("%x", sum.Sum(nil))
	s.Size += n
	return err
}

// Value is the sample as a result in seconds.
func (s *Sample) Value() result.Value {
	return result.Value{Number: s.Took.Seconds(), Steps: s.Steps, Blobs: s.Cache}
}

// Ran gives the names of the steps that were executed, without those that every build has, sorted.
func Ran(steps []result.Step) []string {
	var names []string
	for _, st := range steps {
		if !st.Cached && !progress.Service(st.Name) {
			names = append(names, st.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// readProgress reads the output of "buildx build --progress=rawjson", which began at start, and
// gives the steps that completed, and as text what the client and they said.
func readProgress(in io.Reader, start time.Time) (steps []result.Step, text string, err error) {
	b, err := progress.Read(in)
	if err != nil {
		return nil, "", err
	}
	said := strings.Join(append(b.Text, ""), "\n")
	for _, v := range b.Vertices {
		said += string(v.Log)
		if v.Error != "" {
			said += v.Name + ": " + v.Error + "\n"
		}
		if v.State == progress.Pending || v.State == progress.Running {
			continue
		}
		steps = append(steps, result.Step{
			Name: v.Name, Start: v.Start().Sub(start), End: v.End().Sub(start), Cached: v.State == progress.Cached, Received: v.Received,
		})
	}
	return steps, said, nil
}
