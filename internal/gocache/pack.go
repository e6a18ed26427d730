package gocache

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Contents are packed one by one, as zstd frames with a checksum: what pulls a layer then
// has less to write and to hash, and unpacks only what is asked for. The same content always
// gives the same frame.
var (
	encoder = sync.OnceValues(func() (*zstd.Encoder, error) { return zstd.NewWriter(nil) })
	decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxContent))
	})
)

// maxContent is more than any package takes: a layer may say what it likes of the size of a content.
const maxContent = 1 << 30

// buffer is the memory that a content passes through on its way. It is used again: fresh
// memory for each of them takes longer than to unpack it does.
type buffer struct {
	content []byte
	coded   []byte // the content as a frame or, in a request, as base64
}

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// keptSize is from what size on memory is not used again: large contents are few.
const keptSize = 16 << 20

func newBuffer() *buffer { return buffers.Get().(*buffer) }

// release ends the use of a buffer, which may be nil, and of what is in it.
func (b *buffer) release() {
	if b != nil && cap(b.content) <= keptSize && cap(b.coded) <= keptSize {
		buffers.Put(b)
	}
}

// unpack gives the content of size bytes that a frame, a part of a file, holds. It is valid
// until the next call.
func (b *buffer) unpack(file string, frame span, size int64) ([]byte, error) {
	d, err := decoder()
	if err != nil {
		return nil, err
	}
	if b.coded, err = readInto(b.coded, file, frame); err != nil {
		return nil, err
	}
	b.content = slices.Grow(b.content[:0], int(min(size, maxContent)))
	content, err := d.DecodeAll(b.coded, b.content)
	if err == nil && int64(len(content)) != size {
		err = fmt.Errorf("a frame has %d bytes, want %d", len(content), size)
	}
	return content, err
}

// pack gives the frame of a content of size bytes in a file. It is valid until the next call.
func (b *buffer) pack(file string, size int64) ([]byte, error) {
	e, err := encoder()
	if err != nil {
		return nil, err
	}
	if b.content, err = readInto(b.content, file, span{0, size}); err != nil {
		return nil, err
	}
	b.coded = e.EncodeAll(b.content, b.coded[:0])
	return b.coded, nil
}

// readInto reads a part of a file into memory that is there already, or more when that is too small.
func readInto(memory []byte, file string, part span) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return memory, err
	}
	defer f.Close()
	memory = slices.Grow(memory[:0], int(part.size))[:part.size]
	_, err = f.ReadAt(memory, part.at)
	return memory, err
}

// pack makes the frames of entries, on as many cores as there are.
func (s *Store) pack(list []found) error {
	return each(len(list), func(i int) error {
		_, err := s.packed(list[i])
		return err
	})
}

// packed gives the file with the content of an entry as a frame, "" if the content can't be read. The store keeps
// frames, so that a content is packed once; one whose file has changed since is made again.
func (s *Store) packed(f found) (string, error) {
	file := s.dir.file(f.Output, packedSuffix)
	id := packedID(f.Output)
	if info, err := os.Lstat(file); err == nil && s.checked.knows(id, info) {
		return file, nil
	}
	b := newBuffer()
	defer b.release()
	frame, err := b.pack(f.file, f.Size)
	if err != nil {
		return "", nil
	}
	if err := replace(file, frame); err != nil {
		return "", err
	}
	if info, err := os.Lstat(file); err == nil {
		s.checked.add(id, stampOf(info, other))
	}
	return file, nil
}

// packedSuffix ends the name of a frame in a store, after that of the output.
const packedSuffix = "-z"

// packedID is what the frame of an output is remembered by.
func packedID(output ID) ID { return sha256.Sum256(append([]byte(packedSuffix), output[:]...)) }

// ready gives an entry of a layer that the store has, verified and used lately.
func (s *Store) ready(action ID, l *Layer) (found, bool) {
	e, le, _ := l.find(action)
	used, err := os.Lstat(s.dir.file(action, "-a"))
	if err != nil || time.Since(used.ModTime()) > useInterval {
		return found{}, false
	}
	file, info, ok := s.dir.content(e)
	return found{e, file, le.kind}, ok && s.checked.knows(e.Output, info)
}

// unpacked gives an entry of a layer from the store, where it is put if need be. One whose
// frame can't be read is not found.
func (s *Store) unpacked(action ID, l *Layer) (found, bool) {
	e, le, ok := l.find(action)
	if !ok {
		return found{}, false
	}
	if f, ok := s.findAny(action); ok && f.Output == e.Output {
		return f, true
	}
	if file, info, ok := s.dir.content(e); ok {
		if _, ok := s.checked.verify(file, e.Output, info); ok {
			return found{e, file, le.kind}, true
		}
	}
	b := newBuffer()
	defer b.release()
	content, err := b.unpack(l.frames, le.frame, e.Size)
	if err != nil {
		return found{}, false
	}
	file, err := s.put(action, e, content, s.dir.put)
	return found{e, file, le.kind}, err == nil
}
