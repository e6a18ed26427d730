package main

import (
	"container/heap"
	"strings"

	"example.com/fleet/lib/service"
)

// separator stands between the two ends of a route.
const separator = "\x00"

// shortest gives the shortest way between two ends, by Dijkstra's algorithm.
func shortest(ends string, leaving func(place string) []road) (route, error) {
	from, to, _ := strings.Cut(ends, separator)
	open := &queue{{Places: []string{from}}}
	done := map[string]bool{}
	for open.Len() > 0 {
		r := heap.Pop(open).(route)
		place := r.Places[len(r.Places)-1]
		if place == to {
			return r, nil
		}
		if done[place] {
			continue
		}
		done[place] = true
		for _, way := range leaving(place) {
			places := append(r.Places[:len(r.Places):len(r.Places)], way.To)
			heap.Push(open, route{places, r.Km + way.Km})
		}
	}
	return route{}, service.Missing("route", from+" to "+to)
}

// queue is a heap of routes, the shortest first.
type queue []route

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].Km < q[j].Km }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(route)) }

func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
