// Package bucket keeps snapshots as objects in S3.
package bucket

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/cloud/internal/inventory"
)

// ErrNone is the error of [Bucket.Latest] when there is no snapshot yet.
var ErrNone = errors.New("no snapshot")

// API is what is used of the S3 client.
type API interface {
	s3.ListObjectsV2APIClient
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Bucket is a place for the snapshots of several clusters.
type Bucket struct {
	api          API
	name, prefix string
}

// New gives the bucket of that name. All keys begin with prefix.
func New(api API, name, prefix string) *Bucket {
	return &Bucket{api: api, name: name, prefix: prefix}
}

// Key is the object of a snapshot; keys of one cluster sort by time.
func (b *Bucket) Key(cluster string, taken time.Time) string {
	return path.Join(b.prefix, cluster, taken.UTC().Format("20060102T150405Z")+".json.gz")
}

// Put writes a snapshot and gives its key.
func (b *Bucket) Put(ctx context.Context, s inventory.Snapshot) (string, error) {
	body, err := encode(s)
	if err != nil {
		return "", err
	}
	key := b.Key(s.Cluster, s.Taken)
	_, err = b.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket:               aws.String(b.name),
		Key:                  aws.String(key),
		Body:                 bytes.NewReader(body),
		ContentType:          aws.String("application/json"),
		ContentEncoding:      aws.String("gzip"),
		ServerSideEncryption: types.ServerSideEncryptionAes256,
	})
	if err != nil {
		return "", fmt.Errorf("put %s: %w", key, err)
	}
	return key, nil
}

// Latest gives the newest snapshot of a cluster.
func (b *Bucket) Latest(ctx context.Context, cluster string) (inventory.Snapshot, error) {
	key := ""
	pages := s3.NewListObjectsV2Paginator(b.api, &s3.ListObjectsV2Input{
		Bucket: aws.String(b.name),
		Prefix: aws.String(path.Join(b.prefix, cluster) + "/"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return inventory.Snapshot{}, fmt.Errorf("list %s: %w", b.name, err)
		}
		for _, object := range page.Contents {
			key = max(key, aws.ToString(object.Key))
		}
	}
	if key == "" {
		return inventory.Snapshot{}, ErrNone
	}
	object, err := b.api.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(b.name), Key: aws.String(key)})
	if err != nil {
		return inventory.Snapshot{}, fmt.Errorf("get %s: %w", key, err)
	}
	defer object.Body.Close()
	s, err := decode(object.Body)
	if err != nil {
		return inventory.Snapshot{}, fmt.Errorf("%s: %w", key, err)
	}
	return s, nil
}

func encode(s inventory.Snapshot) ([]byte, error) {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if err := json.NewEncoder(z).Encode(s); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

func decode(r io.Reader) (inventory.Snapshot, error) {
	var s inventory.Snapshot
	z, err := gzip.NewReader(r)
	if err != nil {
		return s, err
	}
	return s, json.NewDecoder(z).Decode(&s)
}
