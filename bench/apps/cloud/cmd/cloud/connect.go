package main

import (
	"context"
	"time"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/cloud/internal/bucket"
	"example.com/cloud/internal/config"
	"example.com/cloud/internal/queue"
	"example.com/cloud/internal/secrets"
	"example.com/cloud/internal/server"
)

// clients are the AWS services that the settings name.
type clients struct {
	bucket *bucket.Bucket
	queue  *queue.Queue // nil without one
	token  server.Token // nil without one
}

func connect(ctx context.Context, c config.Config) (clients, error) {
	aws, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(c.Bucket.Region))
	if err != nil {
		return clients{}, err
	}
	all := clients{bucket: bucket.New(s3.NewFromConfig(aws), c.Bucket.Name, c.Bucket.Prefix)}
	if c.Queue != "" {
		all.queue = queue.New(sqs.NewFromConfig(aws), c.Queue)
	}
	if c.TokenFrom != "" {
		all.token = secrets.New(secretsmanager.NewFromConfig(aws), c.TokenFrom, 5*time.Minute)
	}
	return all, nil
}
