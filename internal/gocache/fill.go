package gocache

import (
	"maps"
	"slices"
	"sync/atomic"
)

// Fill puts the entries of a layer that the store lacks into it, and gives their number. An
// entry whose content can't be read, is not what the index says or is a module index counts
// as bad and is passed over. Unlike where a layer is served from, every content is verified. The
// layer may come from anywhere.
func (s *Store) Fill(l *Layer) (added, bad int, err error) {
	actions := slices.SortedFunc(maps.Keys(l.entries), compareID)
	var news, bads atomic.Int64
	err = each(len(actions), func(i int) error {
		action := actions[i]
		if f, ok := s.findAny(action); ok && f.Output == l.entries[action].output {
			return nil
		}
		b := newBuffer()
		defer b.release()
		e, le, _ := l.find(action)
		content, err := b.unpack(l.frames, le.frame, e.Size)
		if err != nil || e.check(content) != nil || kindOf(content) == index {
			bads.Add(1)
			return nil
		}
		_, err = s.put(action, e, content, s.dir.put)
		if err == nil {
			news.Add(1)
		}
		return err
	})
	return int(news.Load()), int(bads.Load()), err
}
