// Command scheduler calls other services at set times.
package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/robfig/cron/v3"

	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type job struct {
	Name string    `json:"name"`
	When string    `json:"when"` // five fields, as in cron, or @every 5m
	URL  string    `json:"url"`
	Last string    `json:"last,omitempty"` // result
	Next time.Time `json:"next"`
	id   cron.EntryID
}

func main() {
	var jobs table.Table[string, job]
	clock := cron.New(cron.WithLocation(time.UTC))
	s := service.New("scheduler")
	s.OnStart(func(ctx context.Context) error {
		clock.Start()
		context.AfterFunc(ctx, func() { clock.Stop() })
		return nil
	})
	s.Handle("PUT /jobs", func(r *http.Request) (any, error) {
		j, err := service.Body[job](r)
		if err != nil {
			return nil, err
		}
		return jobs.Update(j.Name, func(old job, ok bool) (job, error) {
			id, err := clock.AddFunc(j.When, func() {
				last := call(j.URL)
				jobs.Update(j.Name, func(now job, _ bool) (job, error) {
					now.Last = last
					return now, nil
				})
			})
			if err != nil {
				return j, service.Bad("when: %v", err)
			}
			if ok {
				clock.Remove(old.id)
			}
			j.id = id
			return j, nil
		})
	})
	s.Handle("GET /jobs", func(*http.Request) (any, error) {
		all := jobs.All(nil)
		for i := range all {
			all[i].Next = clock.Entry(all[i].id).Next
		}
		return all, nil
	})
	s.Main()
}

func call(url string) string {
	client := http.Client{Timeout: time.Minute}
	resp, err := client.Post(url, "application/json", nil)
	if err != nil {
		return err.Error()
	}
	if err := resp.Body.Close(); err != nil {
		return fmt.Sprintf("%s, %v", resp.Status, err)
	}
	return resp.Status
}
