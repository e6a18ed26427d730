package bucket

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/cloud/internal/inventory"
)

// memory is an S3 with one bucket.
type memory map[string][]byte

func (m memory) ListObjectsV2(_ context.Context, _ *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	out := &s3.ListObjectsV2Output{}
	for key := range m {
		out.Contents = append(out.Contents, types.Object{Key: aws.String(key)})
	}
	return out, nil
}

func (m memory) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	body, err := io.ReadAll(in.Body)
	m[*in.Key] = body
	return &s3.PutObjectOutput{}, err
}

func (m memory) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(m[*in.Key]))}, nil
}

func TestBucket(t *testing.T) {
	b := New(memory{}, "inventory", "prod")
	if _, err := b.Latest(t.Context(), "west"); !errors.Is(err, ErrNone) {
		t.Errorf("got %v, want ErrNone", err)
	}
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i := range 3 {
		s := inventory.Snapshot{Cluster: "west", Taken: start.Add(time.Duration(i) * time.Minute)}
		if _, err := b.Put(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.Latest(t.Context(), "west")
	if err != nil {
		t.Fatal(err)
	}
	if want := start.Add(2 * time.Minute); !got.Taken.Equal(want) {
		t.Errorf("taken %s, want %s", got.Taken, want)
	}
}
