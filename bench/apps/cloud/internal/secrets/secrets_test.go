package secrets

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// answers gives one value per call, and fails once they are used up.
type answers struct {
	values []string
	calls  int
}

func (a *answers) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	a.calls++
	if a.calls > len(a.values) {
		return nil, errors.New("unavailable")
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(a.values[a.calls-1])}, nil
}

func TestValue(t *testing.T) {
	api := &answers{values: []string{"old", "new"}}
	s := New(api, "token", time.Minute)
	now := time.Unix(1000, 0)
	s.now = func() time.Time { return now }
	for _, step := range []struct {
		after time.Duration
		want  string
		calls int
	}{
		{0, "old", 1},
		{59 * time.Second, "old", 1},
		{time.Second, "new", 2},
		{time.Hour, "new", 3},
	} {
		now = now.Add(step.after)
		got, err := s.Value(t.Context())
		if err != nil || got != step.want || api.calls != step.calls {
			t.Errorf("got %q after %d calls (%v), want %q after %d", got, api.calls, err, step.want, step.calls)
		}
	}
}
