// Package secrets reads values from the AWS Secrets Manager.
package secrets

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// API is what is used of the Secrets Manager client.
type API interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// Secret is one value, asked for again when it is older than its time to live.
type Secret struct {
	api  API
	name string
	ttl  time.Duration
	now  func() time.Time

	mu      sync.Mutex
	value   string
	expires time.Time
}

// New gives the secret of that name.
func New(api API, name string, ttl time.Duration) *Secret {
	return &Secret{api: api, name: name, ttl: ttl, now: time.Now}
}

// Value gives the present value. An old one is better than none: it stays in use while asking fails.
func (s *Secret) Value(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if now.Before(s.expires) {
		return s.value, nil
	}
	out, err := s.api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(s.name)})
	if err == nil {
		s.value, s.expires = aws.ToString(out.SecretString), now.Add(s.ttl)
		return s.value, nil
	}
	if s.value == "" {
		return "", fmt.Errorf("secret %s: %w", s.name, err)
	}
	return s.value, nil
}
