package table

import (
	"errors"
	"slices"
	"testing"
)

func TestTable(t *testing.T) {
	var numbers Table[string, int]
	numbers.Put("b", 2)
	numbers.Put("a", 1)
	numbers.Put("c", 3)
	if got := numbers.All(func(n int) bool { return n != 2 }); !slices.Equal(got, []int{1, 3}) {
		t.Errorf("got %v", got)
	}
	refused := errors.New("refused")
	if _, err := numbers.Update("a", func(int, bool) (int, error) { return 0, refused }); err != refused {
		t.Errorf("got %v", err)
	}
	if got, _ := numbers.Get("a"); got != 1 {
		t.Errorf("a refused update set %d", got)
	}
	if !numbers.Delete("a") || numbers.Delete("a") {
		t.Error("a value is removed once")
	}
}
