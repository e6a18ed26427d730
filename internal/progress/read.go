package progress

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/moby/buildkit/client"
)

// ErrNoEvent is Read's error for what has no event at all.
var ErrNoEvent = errors.New("no event of BuildKit's raw progress is in it (docker buildx build --progress=rawjson writes it, on standard error)")

// Read reads the output of "docker buildx build --progress=rawjson": events as JSON, one a
// line, and between them what the client says. It fails, with the number of the line, on
// an event that it can't read, unless that is the last one and was not written to its end.
func Read(in io.Reader) (*Build, error) {
	var r Recorder
	lines := bufio.NewReader(in)
	events := 0
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		atEnd := errors.Is(err, io.EOF)
		if err != nil && !atEnd {
			return nil, err
		}
		isEvent, err := r.line(line)
		switch {
		case atEnd && isCut(err):
			r.cut = true
		case err != nil:
			return nil, fmt.Errorf("line %d is no event of BuildKit's raw progress: %w", n, err)
		}
		if isEvent {
			events++
		}
		if atEnd {
			break
		}
	}
	if events == 0 {
		return nil, ErrNoEvent
	}
	return r.Build(), nil
}

// line takes a line, and reports whether it is an event.
func (r *Recorder) line(line []byte) (event bool, err error) {
	if !bytes.HasPrefix(line, []byte("{")) {
		if text := strings.TrimRight(string(line), "\r\n"); text != "" {
			r.text = append(r.text, text)
		}
		return false, nil
	}
	var e client.SolveStatus
	if err := json.Unmarshal(line, &e); err != nil {
		return false, err
	}
	r.Add(&e)
	return len(e.Vertexes)+len(e.Statuses)+len(e.Logs)+len(e.Warnings) > 0, nil
}

// isCut reports whether the error is that of JSON that ends too early.
func isCut(err error) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax) && strings.Contains(syntax.Error(), "unexpected end")
}
