// Package queue announces changes on SQS.
package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"example.com/cloud/internal/inventory"
)

// batch is how many messages one request may hold.
const batch = 10

// API is what is used of the SQS client.
type API interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Queue sends messages to one queue.
type Queue struct {
	api API
	url string
}

// New gives the queue at url.
func New(api API, url string) *Queue { return &Queue{api: api, url: url} }

// Announce sends one message for each change, in order. What was sent before a failure stays sent.
func (q *Queue) Announce(ctx context.Context, cluster string, changes []inventory.Change) error {
	for part := range slices.Chunk(changes, batch) {
		entries, err := messages(cluster, part)
		if err != nil {
			return err
		}
		out, err := q.api.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(q.url), Entries: entries})
		if err != nil {
			return fmt.Errorf("send: %w", err)
		}
		if len(out.Failed) > 0 {
			first := out.Failed[0]
			return fmt.Errorf("send: %d of %d refused, first: %s (%s)", len(out.Failed), len(entries), aws.ToString(first.Message), aws.ToString(first.Code))
		}
	}
	return nil
}

func messages(cluster string, changes []inventory.Change) ([]types.SendMessageBatchRequestEntry, error) {
	entries := make([]types.SendMessageBatchRequestEntry, len(changes))
	for i, c := range changes {
		body, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		entries[i] = types.SendMessageBatchRequestEntry{
			Id:          aws.String(strconv.Itoa(i)),
			MessageBody: aws.String(string(body)),
			MessageAttributes: map[string]types.MessageAttributeValue{
				"cluster": {DataType: aws.String("String"), StringValue: aws.String(cluster)},
				"action":  {DataType: aws.String("String"), StringValue: aws.String(string(c.Action))},
			},
		}
	}
	return entries, nil
}
