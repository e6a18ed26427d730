// Package retry repeats what failed for a reason that may pass.
package retry

import (
	"context"
	"errors"
	"time"

	"github.com/aws/smithy-go"
	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/util/wait"
)

// Policy says how often and how fast. The zero value tries once.
type Policy struct {
	Steps int           // tries, at least one
	First time.Duration // wait after the first failure; each next is twice as long
	Limit *rate.Limiter // of all tries; nil is none
}

// Do runs f until it succeeds, the tries are used up, its error is the caller's own fault, or ctx ends.
// It gives the last error of f.
func (p Policy) Do(ctx context.Context, f func(context.Context) error) error {
	backoff := wait.Backoff{Duration: p.First, Factor: 2, Jitter: 0.1, Steps: max(p.Steps, 1)}
	var last error
	err := wait.ExponentialBackoffWithContext(ctx, backoff, func(ctx context.Context) (bool, error) {
		if p.Limit != nil {
			if err := p.Limit.Wait(ctx); err != nil {
				return false, err
			}
		}
		if last = f(ctx); last != nil && permanent(last) {
			return false, last
		}
		return last == nil, nil
	})
	if last != nil {
		return last
	}
	return err
}

// permanent reports whether another try would fail in the same way.
func permanent(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorFault() == smithy.FaultClient
}
