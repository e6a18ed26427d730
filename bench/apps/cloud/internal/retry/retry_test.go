package retry

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/smithy-go"
)

func TestDo(t *testing.T) {
	passing := errors.New("connection reset")
	fault := &smithy.GenericAPIError{Code: "AccessDenied", Fault: smithy.FaultClient}
	for _, c := range []struct {
		name  string
		errs  []error
		tries int
		want  error
	}{
		{"at once", []error{nil}, 1, nil},
		{"later", []error{passing, nil}, 2, nil},
		{"never", []error{passing, passing, passing, passing}, 3, passing},
		{"own fault", []error{fault, nil}, 1, fault},
	} {
		tries := 0
		err := Policy{Steps: 3, First: time.Microsecond}.Do(t.Context(), func(context.Context) error {
			tries++
			return c.errs[tries-1]
		})
		if tries != c.tries || !errors.Is(err, c.want) {
			t.Errorf("%s: %d tries, %v", c.name, tries, err)
		}
	}
}
