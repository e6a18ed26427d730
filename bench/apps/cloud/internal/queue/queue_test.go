package queue

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"example.com/cloud/internal/inventory"
)

// counter notes the size of each batch, and refuses all messages when refuse is set.
type counter struct {
	sizes  []int
	refuse bool
}

func (c *counter) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	c.sizes = append(c.sizes, len(in.Entries))
	out := &sqs.SendMessageBatchOutput{}
	if c.refuse {
		for _, e := range in.Entries {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: aws.String("Throttled")})
		}
	}
	return out, nil
}

func TestAnnounce(t *testing.T) {
	changes := make([]inventory.Change, 23)
	c := &counter{}
	if err := New(c, "https://queue").Announce(t.Context(), "west", changes); err != nil {
		t.Fatal(err)
	}
	if want := []int{10, 10, 3}; !slices.Equal(c.sizes, want) {
		t.Errorf("batches %v, want %v", c.sizes, want)
	}
	if err := New(&counter{refuse: true}, "https://queue").Announce(t.Context(), "west", changes); err == nil {
		t.Error("refused messages are no error")
	}
}
