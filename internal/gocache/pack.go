package gocache

import (
	"crypto/sha256"
	"fmt"
	"os"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Contents are packed one by one, as zstd frames with a checksum: what pulls a layer then
// has less to write and to hash, and unpacks only what is asked for. The same content always
// gives the same frame.
var (
	encoder = sync.OnceValues(func() (*zstd.Encoder, error) { return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)) })
	decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxContent))
	})
)

// maxContent is more than any package takes: a layer may say what it likes of the size of a content.
const maxContent = 1 << 30

// unpack gives the content of size bytes that a frame holds.
func unpack(frame []byte, size int64) ([]byte, error) {
	d, err := decoder()
	if err != nil {
		return nil, err
	}
	content, err := d.DecodeAll(frame, make([]byte, 0, min(size, maxContent)))
	if err == nil && int64(len(content)) != size {
		err = fmt.Errorf("a frame has %d bytes, want %d", len(content), size)
	}
	return content, err
}

// packed gives the content of an entry as a frame. The store keeps frames, so that a content
// is packed once; one whose file has changed since is made again.
func (s *Store) packed(f found) ([]byte, error) {
	file := s.dir.file(f.Output, packedSuffix)
	id := packedID(f.Output)
	if info, err := os.Lstat(file); err == nil && s.checked.knows(id, info) {
		return os.ReadFile(file)
	}
	content, err := os.ReadFile(f.file)
	if err != nil {
		return nil, err
	}
	if int64(len(content)) != f.Size {
		return nil, fmt.Errorf("output %s has %d bytes, want %d", f.Output, len(content), f.Size)
	}
	e, err := encoder()
	if err != nil {
		return nil, err
	}
	frame := e.EncodeAll(content, nil)
	if replace(file, frame) == nil { // else it is packed again
		if info, err := os.Lstat(file); err == nil {
			s.checked.add(id, stampOf(info, other))
		}
	}
	return frame, nil
}

// packedSuffix ends the name of a frame in a store, after that of the output.
const packedSuffix = "-z"

// packedID is what the frame of an output is remembered by.
func packedID(output ID) ID { return sha256.Sum256(append([]byte(packedSuffix), output[:]...)) }

// unpacked gives an entry of a layer, whose frame is in a file, from the store, where it is
// put if need be. A frame that can't be read is not found.
func (s *Store) unpacked(action ID, e Entry, k kind, frame string) (found, bool) {
	if f, ok := s.findAny(action); ok && f.Output == e.Output {
		return f, true
	}
	if file, info, ok := s.dir.content(e); ok {
		if _, ok := s.checked.verify(file, e.Output, info); ok {
			return found{e, file, k}, true
		}
	}
	data, err := os.ReadFile(frame)
	if err != nil {
		return found{}, false
	}
	content, err := unpack(data, e.Size)
	if err != nil {
		return found{}, false
	}
	file, err := s.put(action, e, content, s.dir.put)
	return found{e, file, k}, err == nil
}
