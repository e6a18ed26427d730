// Package store knows what things cost.
package store

import "example.com/workspace/money"

// Price gives the price of a thing.
func Price(thing string) money.Cents { return money.Cents(100*len(thing) + 95) }
